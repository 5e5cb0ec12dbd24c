"""The biometric key, and the copy of the token's seed that only it and the server's release key open together.

The key is wrapped by the device storage key and the set of enrolled fingers and faces: once the set has changed it
cannot be unwrapped again (M22). The copy takes both secrets: a phone that merely says "the finger was right" has
nothing, and what the server has suspended stays shut (docs/phone-api.md, Biometrics).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric import ec

from simulator.securities.keys import (
    DeviceKeys,
    SealBroken,
    fields,
    hkdf_sha256,
    private_bytes,
    public_bytes,
    read_private_key,
    seal,
    sign,
    unseal,
)
from simulator.strict_json import NotAsDescribed

_WRAP_LABEL: Final = b"twofold-biometric-wrap-v1"
_SEAL_LABEL: Final = b"twofold-biometric-seal-v1"
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedBiometrics:
    """A registration as it lies in the phone's storage."""

    biometrics_id: str
    wrapped_key: bytes = field(repr=False)
    box: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class BiometricKey:
    """A P-256 key that the phone's biometrics release."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """A new one."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def unwrap(cls, wrapped: bytes, *, set_id: bytes | None, keys: DeviceKeys) -> Self:
        """The key that `wrap` gave, while the phone's set of biometrics is still the same. Raises `SealBroken`."""
        try:
            return cls(read_private_key(unseal(wrapped, key=_wrapping_key(set_id, keys), purpose=_WRAP_LABEL)))
        except NotAsDescribed as error:
            raise SealBroken("what was wrapped is no key") from error

    def wrap(self, *, set_id: bytes | None, keys: DeviceKeys) -> bytes:
        """The private key, sealed under the device storage key and the set of biometrics."""
        return seal(private_bytes(self.private), key=_wrapping_key(set_id, keys), purpose=_WRAP_LABEL)

    @property
    def public_key(self) -> bytes:
        """The public half: 65 bytes, SEC 1 uncompressed point."""
        return public_bytes(self.private.public_key())

    def sign(self, data: bytes) -> bytes:
        """ECDSA with SHA-256, DER, with the lower `s`."""
        return sign(self.private, data)

    def seal_seed(self, seed: bytes, release_key: bytes, *, biometrics_id: str, account: str, token_id: str) -> bytes:
        """The copy of the seed, under this key and the server's release key (32 bytes)."""
        key = self._copy_key(release_key, biometrics_id, account, token_id)
        return seal(seed, key=key, purpose=_SEAL_LABEL)

    def open_seed(self, box: bytes, release_key: bytes, *, biometrics_id: str, account: str, token_id: str) -> bytes:
        """The seed that `seal_seed` sealed. Raises `SealBroken`."""
        return unseal(box, key=self._copy_key(release_key, biometrics_id, account, token_id), purpose=_SEAL_LABEL)

    def _copy_key(self, release_key: bytes, biometrics_id: str, account: str, token_id: str) -> bytes:
        own = self.private.private_numbers().private_value.to_bytes(_KEY_BYTES, "big")
        salt = hashlib.sha256(biometrics_id.encode()).digest()
        info = _SEAL_LABEL + fields(account, token_id)
        return hkdf_sha256(own + release_key, salt=salt, info=info, length=_KEY_BYTES)


def set_for_server(set_id: bytes | None) -> bytes:
    """What stands for the phone's set of biometrics outside the phone: 32 bytes; also when nothing is enrolled."""
    return hashlib.sha256(set_id or b"").digest()


def _wrapping_key(set_id: bytes | None, keys: DeviceKeys) -> bytes:
    return keys.derived(set_id or b"", purpose=_WRAP_LABEL)
