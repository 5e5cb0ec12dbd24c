"""The keys that never leave the phone, and what is done with them: signing, verifying, sealing.

A real phone keeps them in hardware that nobody can copy. Here they are one file in a folder of its own (`hardware/`),
apart from everything that a backup of the phone would hold: without it the rest opens nothing.
"""

import json
import secrets
from typing import Final, Self

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

_VERSION: Final = 1
_NONCE_BYTES: Final = 12
STORAGE_KEY_BYTES: Final = 32

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The number of points on P-256 (NIST SP 800-186, 3.2.1.3)."""


class SealBroken(Exception):
    """What was sealed cannot be opened: other keys, another purpose, or it was touched."""


class DeviceKeys:
    """The device key (ECDSA P-256, says "this phone") and the device storage key (AES-256, opens what it stored)."""

    def __init__(self, device_key: ec.EllipticCurvePrivateKey, storage_key: bytes) -> None:
        self._device_key = device_key
        self._storage_key = storage_key
        self.public_key = public_bytes(device_key.public_key())
        """The device key's public half: 65 bytes, SEC 1 uncompressed point."""

    @classmethod
    def make(cls) -> Self:
        """New keys of a phone that has none."""
        return cls(ec.generate_private_key(ec.SECP256R1()), secrets.token_bytes(STORAGE_KEY_BYTES))

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read back what `to_bytes` gave. Raises `NotAsDescribed`."""
        stored = JsonObject.parse(data)
        if stored.whole("version") != _VERSION:
            raise NotAsDescribed("written by another version of this phone")
        device_key = read_private_key(stored.octets("device_key"))
        storage_key = stored.octets("storage_key", length=STORAGE_KEY_BYTES)
        stored.end()
        return cls(device_key, storage_key)

    def to_bytes(self) -> bytes:
        """Both keys, for the hardware's own file and nowhere else."""
        content = {
            "version": _VERSION,
            "device_key": to_base64url(private_bytes(self._device_key)),
            "storage_key": to_base64url(self._storage_key),
        }
        return json.dumps(content).encode()

    def sign(self, data: bytes) -> bytes:
        """The device key's signature, as `sign` below."""
        return sign(self._device_key, data)

    def seal(self, data: bytes, *, purpose: bytes) -> bytes:
        """`seal` below, under the storage key."""
        return seal(data, key=self._storage_key, purpose=purpose)

    def open(self, sealed: bytes, *, purpose: bytes) -> bytes:
        """What was given to `seal` with the same `purpose`. Raises `SealBroken`."""
        return unseal(sealed, key=self._storage_key, purpose=purpose)

    def derived(self, salt: bytes, *, purpose: bytes) -> bytes:
        """A key of 32 bytes that takes the storage key and `salt`: HKDF-SHA-256."""
        return hkdf_sha256(self._storage_key, salt=salt, info=purpose, length=STORAGE_KEY_BYTES)


def seal(data: bytes, *, key: bytes, purpose: bytes) -> bytes:
    """AES-256-GCM under `key`: random nonce (12 bytes) ‖ ciphertext ‖ tag; `purpose` is authenticated."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, data, purpose)


def unseal(sealed: bytes, *, key: bytes, purpose: bytes) -> bytes:
    """What was given to `seal` with the same `key` and `purpose`. Raises `SealBroken`."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], purpose)
    except (InvalidTag, ValueError) as error:
        raise SealBroken("this key does not open it") from error


def sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    """ECDSA with SHA-256, DER, with the lower of the two possible `s`: one signature for each message, not two."""
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(SHA256())))
    return encode_dss_signature(r, min(s, _ORDER - s))


def hkdf_sha256(key_material: bytes, *, salt: bytes, info: bytes, length: int) -> bytes:
    """HKDF with SHA-256 (RFC 5869): extract with `salt`, expand with `info` to `length` bytes."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(key_material)


def fields(*parts: bytes | str) -> bytes:
    """Several values as one, so that no two lists read alike: each after its length as four bytes, big-endian."""
    encoded = (part.encode() if isinstance(part, str) else part for part in parts)
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def verify(public_key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the DER signature (ECDSA P-256, SHA-256) over `data` is that of `public_key` (65 bytes)."""
    try:
        read_public_key(public_key).verify(signature, data, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes of the uncompressed point (SEC 1, 2.3.3)."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_public_key(point: bytes) -> ec.EllipticCurvePublicKey:
    """The key of an uncompressed P-256 point of 65 bytes. Raises `ValueError` when it is none, or not on the curve."""
    if len(point) != 65 or point[0] != 4:
        raise ValueError("not an uncompressed P-256 point of 65 bytes")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)


def private_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A private key in PKCS #8, DER, not encrypted: to be sealed, or kept in the hardware's file."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def read_private_key(data: bytes) -> ec.EllipticCurvePrivateKey:
    """The P-256 key in PKCS #8, DER. Raises `NotAsDescribed`."""
    try:
        key = load_der_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise NotAsDescribed("not a private key in PKCS #8") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise NotAsDescribed("not a key on P-256")
    return key
