"""The Authenticator's accounts on the phone's storage: one file, sealed under a key of the phone's hardware."""

import json
from dataclasses import asdict, dataclass
from typing import Final

from simulator.authenticator.otpauth import Algorithm, Key, Kind, OtpauthError
from simulator.securities.keys import DeviceKeys, SealBroken
from simulator.storage import Storage, StorageDamaged
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

_FILE: Final = "authenticator.json"
_KEYS_FILE: Final = "hardware/authenticator.keys"
_PURPOSE: Final = b"twofold-authenticator-v1"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One of its accounts. `number` is its own on this phone and never given again."""

    number: int
    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """All of them, in the order in which they were added."""

    listed: tuple[Account, ...] = ()
    last_number: int = 0


class AccountsFile:
    """Where they are kept. Its methods raise the errors of `simulator.storage`."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._keys: DeviceKeys | None = None

    def read(self) -> Accounts:
        """What was kept last. Raises `StorageDamaged` when it is there and cannot be opened."""
        sealed = self._storage.read(_FILE)
        if sealed is None:
            return Accounts()
        try:
            keys = self._read_keys()
            if keys is None:
                raise StorageDamaged("this phone does not hold the key that the accounts were sealed with")
            return _read(JsonObject.parse(keys.open(sealed, purpose=_PURPOSE)))
        except (SealBroken, NotAsDescribed, OtpauthError) as error:
            raise StorageDamaged("the accounts on this phone cannot be opened") from error

    def write(self, accounts: Accounts) -> None:
        """Keep them."""
        keys = self._keys or self._read_keys()
        if keys is None:
            keys = DeviceKeys.make()
            self._storage.write(_KEYS_FILE, keys.to_bytes())
        self._storage.write(_FILE, keys.seal(_written(accounts), purpose=_PURPOSE))

    def clear(self) -> None:
        """Remove accounts and key."""
        self._storage.delete(_FILE)
        self._storage.delete(_KEYS_FILE)
        self._keys = None

    def _read_keys(self) -> DeviceKeys | None:
        stored = self._storage.read(_KEYS_FILE)
        if stored is None:
            return None
        try:
            self._keys = DeviceKeys.from_bytes(stored)
        except NotAsDescribed as error:
            raise StorageDamaged("the phone's key for the accounts cannot be read") from error
        return self._keys


def _written(accounts: Accounts) -> bytes:
    listed = {
        str(account.number): asdict(account.key) | {"secret": to_base64url(account.key.secret)}
        for account in accounts.listed
    }
    content = {"version": _VERSION, "accounts": listed, "last_number": accounts.last_number}
    return json.dumps(content, ensure_ascii=False).encode()


def _read(stored: JsonObject) -> Accounts:
    if stored.whole("version") != _VERSION:
        raise NotAsDescribed("written by another version of this app")
    accounts = Accounts(
        listed=tuple(_read_account(number, one) for number, one in stored.inners("accounts").items()),
        last_number=stored.whole("last_number"),
    )
    stored.end()
    return accounts


def _read_account(number: str, stored: JsonObject) -> Account:
    if not (number.isascii() and number.isdecimal()):
        raise NotAsDescribed("an account's number is not one")
    key = Key(
        kind=stored.choice("kind", Kind),
        issuer=stored.text("issuer"),
        name=stored.text("name"),
        secret=stored.octets("secret"),
        algorithm=stored.choice("algorithm", Algorithm),
        digits=stored.whole("digits"),
        period_seconds=stored.whole("period_seconds"),
        counter=stored.whole("counter"),
    )
    stored.end()
    return Account(number=int(number), key=key)
