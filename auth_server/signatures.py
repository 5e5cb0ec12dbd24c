"""Who says so: P-256 keys, their written form, and ECDSA signatures with SHA-256 (FIPS 186-5, SEC 1)."""

from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth_server.encoding import to_base64url
from auth_server.sealing import MasterKey

# The number of points on P-256 (FIPS 186-5 and SP 800-186, 3.2.1.3).
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_EXTRA_RANDOM_BYTES: Final = 40
_KEY_ID_BYTES: Final = 8
_POINT_BYTES: Final = 65


def read_public_key(point: bytes) -> EllipticCurvePublicKey | None:
    """Read an uncompressed point (SEC 1, 2.3.3: 65 bytes); None if it is none or does not lie on P-256."""
    if len(point) != _POINT_BYTES:
        return None
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        return None


def write_public_key(key: EllipticCurvePublicKey) -> bytes:
    """Write `key` as its uncompressed point: 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def signed_by(point: bytes, signature: bytes, message: bytes) -> bool:
    """Tell whether `signature` (DER) is that of the key at `point` over `message`."""
    key = read_public_key(point)
    if key is None:
        return False
    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


class ServerKey:
    """The server's signing key, derived from its master key: it outlives the database."""

    def __init__(self, master_key: MasterKey) -> None:
        self._master_key = master_key

    @cached_property
    def _private_key(self) -> EllipticCurvePrivateKey:
        # FIPS 186-5, A.2.1: 64 bits more than the order has, reduced, leave no bias worth the name.
        extra = int.from_bytes(self._master_key.derive("signing key", _EXTRA_RANDOM_BYTES), "big")
        return derive_private_key(extra % (_ORDER - 1) + 1, SECP256R1())

    @cached_property
    def public_key(self) -> bytes:
        """The uncompressed point: 65 bytes."""
        return write_public_key(self._private_key.public_key())

    @cached_property
    def key_id(self) -> str:
        """The first 64 bits of the SHA-256 of the public key, in base64url."""
        return to_base64url(sha256(self.public_key).digest()[:_KEY_ID_BYTES])

    def sign(self, message: bytes) -> bytes:
        """Sign `message`: DER."""
        return self._private_key.sign(message, ECDSA(SHA256()))
