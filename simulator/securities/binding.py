"""The key agreement that gives phone and server the same seed without sending it (docs/phone-api.md, Binding)."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric import ec

from simulator.securities.keys import (
    fields,
    hkdf_sha256,
    private_bytes,
    public_bytes,
    read_private_key,
    read_public_key,
)

_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class EphemeralKey:
    """A P-256 key made for one binding."""

    private: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def make(cls) -> Self:
        """A new one."""
        return cls(ec.generate_private_key(ec.SECP256R1()))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read back what `to_bytes` gave. Raises `simulator.strict_json.NotAsDescribed`."""
        return cls(read_private_key(data))

    def to_bytes(self) -> bytes:
        """The private key (PKCS #8, DER), to be sealed."""
        return private_bytes(self.private)

    @property
    def public_key(self) -> bytes:
        """The public half: 65 bytes, SEC 1 uncompressed point."""
        return public_bytes(self.private.public_key())


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What both sides hold after the exchange, if they are who they say."""

    seed: bytes = field(repr=False)
    """The token's seed, 32 bytes."""
    confirm_key: bytes = field(repr=False)

    def confirms(self, server_confirmation: bytes) -> bool:
        """Whether the server has computed the same keys: HMAC-SHA-256(confirm_key, "server")."""
        return hmac.compare_digest(self._confirmation(b"server"), server_confirmation)

    @property
    def phone_confirmation(self) -> bytes:
        """The phone's own proof: HMAC-SHA-256(confirm_key, "phone"), 32 bytes."""
        return self._confirmation(b"phone")

    def _confirmation(self, of: bytes) -> bytes:
        return hmac.digest(self.confirm_key, of, "sha256")


def what_is_signed(*, origin: str, account: str, code: str, device_ephemeral_key: bytes) -> bytes:
    """What the device key signs to bind."""
    return fields("twofold-binding-v1", origin, account, code, device_ephemeral_key)


def agree(*, ephemeral: EphemeralKey, server_ephemeral_key: bytes, code: str, account: str, token_id: str) -> Agreement:
    """Compute seed and confirmation key: ECDH, then HKDF-SHA-256 salted with SHA-256(code).

    Raises `ValueError` when `server_ephemeral_key` is not a point on P-256.
    """
    shared = ephemeral.private.exchange(ec.ECDH(), read_public_key(server_ephemeral_key))
    salt = hashlib.sha256(code.encode()).digest()
    context = fields(ephemeral.public_key, server_ephemeral_key, account, token_id)
    return Agreement(
        seed=hkdf_sha256(shared, salt=salt, info=b"twofold-seed-v1" + context, length=_KEY_BYTES),
        confirm_key=hkdf_sha256(shared, salt=salt, info=b"twofold-confirm-v1" + context, length=_KEY_BYTES),
    )
