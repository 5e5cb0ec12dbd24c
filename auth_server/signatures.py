"""Who says so: P-256 keys, their written form, and ECDSA signatures with SHA-256 (FIPS 186-5, SEC 1)."""

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
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth_server.encoding import to_base64url
from auth_server.sealing import KeyRing, Seal

# The number of points on P-256 (FIPS 186-5 and SP 800-186, 3.2.1.3).
_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_PURPOSE: Final = "signing key"
_SECRET_BYTES: Final = 40
_PLACE: Final = ("server_keys", "sealed_signing_key")
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


def signed_by(point: bytes, signature: bytes, message: bytes, *, low_s: bool = False) -> bool:
    """Tell whether `signature` (DER) is that of the key at `point` over `message`.

    Anybody can make a second signature from a first one, by taking the order's other side of its ``s``; `low_s` takes
    only the one whose ``s`` is the lower of the two.
    """
    key = read_public_key(point)
    if key is None:
        return False
    try:
        key.verify(signature, message, ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return not low_s or decode_dss_signature(signature)[1] <= _ORDER // 2


class ServerKey:
    """The server's signing key: derived from its first master key.

    Phones refuse a server whose key is not the one that they saw first, so it stays when the master key is replaced:
    what it was made from is then kept in the database, sealed.
    """

    def __init__(self, keys: KeyRing, seal: Seal) -> None:
        self._keys = keys
        self._seal = seal
        self._secret = keys.current.derive(_PURPOSE, _SECRET_BYTES)
        self._made: EllipticCurvePrivateKey | None = None

    def find(self, key_id: str, sealed: bytes | None) -> None:
        """Take the key that the database knows: `sealed` in it, else that of the master key `key_id`.

        Raises `SealBrokenError`.
        """
        first = self._keys.find(key_id) or self._keys.current
        self._secret = first.derive(_PURPOSE, _SECRET_BYTES) if sealed is None else self._seal.unseal(sealed, *_PLACE)
        self._made = None

    def sealed(self) -> bytes:
        """Seal what the key is made from, for the database."""
        return self._seal.seal(self._secret, *_PLACE)

    @property
    def public_key(self) -> bytes:
        """The uncompressed point: 65 bytes."""
        return write_public_key(self._private_key.public_key())

    @property
    def key_id(self) -> str:
        """The first 64 bits of the SHA-256 of the public key, in base64url."""
        return to_base64url(sha256(self.public_key).digest()[:_KEY_ID_BYTES])

    def sign(self, message: bytes) -> bytes:
        """Sign `message`: DER."""
        return self._private_key.sign(message, ECDSA(SHA256()))

    @property
    def _private_key(self) -> EllipticCurvePrivateKey:
        if self._made is None:
            # FIPS 186-5, A.2.1: 64 bits more than the order has, reduced, leave no bias worth the name.
            extra = int.from_bytes(self._secret, "big")
            self._made = derive_private_key(extra % (_ORDER - 1) + 1, SECP256R1())
        return self._made
