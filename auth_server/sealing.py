"""The keys of a server, all derived from its master key, and the seal under which secrets rest in the database.

A server has one master key, and while it is being replaced the older ones beside it: everything new is made under the
first, and what was made under any of them is still known. See `rotation` for how the older ones are got rid of.
"""

import hmac
import secrets
from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from auth_server.encoding import fields, to_base64url

_NONCE_BYTES: Final = 12  # NIST SP 800-38D, 8.2: 96 random bits, good for 2^32 seals under one key
_KEY_ID_BYTES: Final = 4
_FORMAT: Final = b"\x01"


class SealBrokenError(ValueError):
    """What was sealed cannot be opened: another key, another place, or changed bytes. Which of them is not known."""


class MasterKey:
    """The one secret that a server is given; all others are derived from it by purpose (HKDF-SHA-256, RFC 5869)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @cached_property
    def key_id(self) -> str:
        """What tells this key from others without giving it away: 128 bits in base64url."""
        return to_base64url(self.derive("key id", 16))

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """Derive the key for `purpose`, `length` bytes long; the same each time."""
        return HKDF(SHA256(), length, salt=None, info=fields("auth-server", purpose)).derive(self._secret)


class KeyRing:
    """The master key in use, and the older ones under which something may still be kept."""

    def __init__(self, current: MasterKey, *older: MasterKey) -> None:
        self.current = current
        self._keys = (current, *older)

    def ids(self) -> tuple[str, ...]:
        """Give the ids of all keys, the current one's first."""
        return tuple(key.key_id for key in self._keys)

    def find(self, key_id: str) -> MasterKey | None:
        """Find a key by its id."""
        return next((key for key in self._keys if key.key_id == key_id), None)

    def derived(self, purpose: str) -> Mapping[str, bytes]:
        """Derive the keys for `purpose` from all keys, by their ids, the current one's first."""
        return {key.key_id: key.derive(purpose) for key in self._keys}

    def seal(self) -> "Seal":
        """Make the seal that opens what any of the keys sealed."""
        return Seal(*self.derived("seal").values())

    def mac(self) -> "Mac":
        """Make the keyed hashes that know again what was hashed under any of the keys."""
        return Mac(*self.derived("codes").values())


class Mac:
    """Keyed hashes (HMAC-SHA-256): who holds the database alone cannot try out the few values that a code can have.

    New hashes are made under the first key; `candidates` and `is_of` know those made under the `older` ones again.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._keys = (key, *older)

    def of(self, *values: bytes | str) -> bytes:
        """Hash the list of `values`: 32 bytes."""
        return _mac(self._keys[0], *values)

    def is_of(self, mac: bytes, *values: bytes | str) -> bool:
        """Tell whether `mac` is the hash of the list of `values`, in the same time whichever it is."""
        found = [hmac.compare_digest(mac, candidate) for candidate in self.candidates(*values)]
        return any(found)

    def candidates(self, *values: bytes | str) -> tuple[bytes, ...]:
        """Hash the list of `values` under each key: as which of them a row may know it."""
        return tuple(_mac(key, *values) for key in self._keys)


class Seal:
    """Encryption at rest: AES-256-GCM with the place of the value as associated data.

    A sealed value is format ‖ key id ‖ nonce ‖ ciphertext and tag. Copied to another row it does not open. New ones
    are made under the first key; those made under the `older` ones open too.
    """

    def __init__(self, key: bytes, *older: bytes) -> None:
        self._aeads = {_FORMAT + sha256(b"key id" + key).digest()[:_KEY_ID_BYTES]: AESGCM(key) for key in (key, *older)}
        self.head = next(iter(self._aeads))
        """What values that are sealed under the first key begin with."""

    def seal(self, plain: bytes, *place: str) -> bytes:
        """Seal `plain` for the one `place` (table, column, row) where it is kept."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.head + nonce + self._aeads[self.head].encrypt(nonce, plain, fields(self.head, *place))

    def unseal(self, sealed: bytes, *place: str) -> bytes:
        """Open what `seal` made for the same `place`.

        Raises `SealBrokenError`.
        """
        head, rest = sealed[: len(self.head)], sealed[len(self.head) :]
        aead = self._aeads.get(head)
        if aead is None:
            raise SealBrokenError("sealed under another key")
        try:
            return aead.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], fields(head, *place))
        except (InvalidTag, ValueError):
            raise SealBrokenError("changed, or from another place") from None


def _mac(key: bytes, *values: bytes | str) -> bytes:
    return hmac.digest(key, fields(*values), sha256)
