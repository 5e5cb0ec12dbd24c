"""The keys of a server, all derived from its master key, and the seal under which secrets rest in the database."""

import hmac
import secrets
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth_server.encoding import fields

_NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2: 96 random bits, good for 2^32 seals under one key
_KEY_ID_BYTES: Final = 4
_FORMAT: Final = b"\x01"


class SealBrokenError(ValueError):
    """What was sealed cannot be opened: another key, another place, or changed bytes. Which of them is not known."""


class MasterKey:
    """The one secret that a server is given; all others are derived from it by purpose (HKDF-SHA-256, RFC 5869)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Derive the key for `purpose`, `length` bytes long; the same each time."""
        return HKDF(SHA256(), length, salt=None, info=fields("auth-server", purpose)).derive(self._secret)


class Mac:
    """Keyed hashes (HMAC-SHA-256): who holds the database alone cannot try out the few values that a code can have."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def of(self, *values: bytes | str) -> bytes:
        """Hash the list of `values`: 32 bytes."""
        return hmac.digest(self._key, fields(*values), sha256)


class Seal:
    """Encryption at rest: AES-256-GCM with the place of the value as associated data.

    A sealed value is format ‖ key id ‖ nonce ‖ ciphertext and tag. Copied to another row it does not open.
    """

    def __init__(self, key: bytes) -> None:
        self._aead = AESGCM(key)
        self._head = _FORMAT + sha256(b"key id" + key).digest()[:_KEY_ID_BYTES]

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Seal `plain` for the one `place` (table, column, row) where it is kept."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self._head + nonce + self._aead.encrypt(nonce, plain, fields(self._head, *place))

    def unseal(self, sealed: bytes, *place: str) -> bytes:
        """Open what `seal` made for the same `place`.

        Raises `SealBrokenError`.
        """
        head, rest = sealed[: len(self._head)], sealed[len(self._head) :]
        if head != self._head:
            raise SealBrokenError("sealed under another key")
        try:
            return self._aead.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], fields(head, *place))
        except (InvalidTag, ValueError):
            raise SealBrokenError("changed, or from another place") from None
