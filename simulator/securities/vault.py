"""The app's records and keys on the phone's storage: read when first asked for, written whole, checked for damage."""

import json
from dataclasses import dataclass, field, replace
from typing import Final

from simulator.securities.binding import EphemeralKey
from simulator.securities.keys import DeviceKeys, SealBroken, fields
from simulator.securities.records import PendingBinding, Records
from simulator.securities.soft_token import check_seal
from simulator.storage import Storage, StorageDamaged
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

_RECORDS_FILE: Final = "securities.json"
_KEYS_FILE: Final = "hardware/securities.keys"
_PENDING_LABEL: Final = "twofold-pending-binding-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BindingSecret:
    """What a pending binding must not lose and nobody else may see."""

    code: str = field(repr=False)
    """The registration code, 20 characters."""
    ephemeral: EphemeralKey


class Vault:
    """The app's own part of the phone. Its methods raise the errors of `simulator.storage`.

    Nothing is read or made by constructing one. The device's keys are made the first time they are needed and never
    replaced: if the records speak of keys that the hardware does not hold, the app's data is damaged (or a copy on
    another phone), which is not the same as having none.
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._records: Records | None = None
        self._keys: DeviceKeys | None = None

    @property
    def records(self) -> Records:
        """What is kept. Raises `StorageDamaged` when it cannot be read back, or not with this phone's keys."""
        if self._records is None:
            stored = self._storage.read(_RECORDS_FILE)
            records = Records()
            if stored is not None:
                try:
                    records = Records.from_bytes(stored)
                except NotAsDescribed as error:
                    raise StorageDamaged(f"the app's records cannot be read: {error}") from error
            self._check(records)
            self._records = records
        return self._records

    @property
    def damaged(self) -> bool:
        """Whether the app's data is there and cannot be opened."""
        try:
            _ = self.records
        except StorageDamaged:
            return True
        return False

    def keep(self, records: Records) -> None:
        """Write the records down; only then do they count."""
        if records != self._records:
            self._storage.write(_RECORDS_FILE, records.to_bytes())
            self._records = records

    @property
    def keys(self) -> DeviceKeys:
        """This phone's keys, made now if it has none yet."""
        records = self.records
        if self._keys is None:
            # Keys that the records do not know yet are those of a phone that was killed between the two writes.
            keys = self._read_keys()
            if keys is None:
                keys = DeviceKeys.make()
                self._storage.write(_KEYS_FILE, keys.to_bytes())
            self.keep(replace(records, device_key=keys.public_key))
            self._keys = keys
        return self._keys

    def clear(self) -> None:
        """Remove records and keys: the app is as newly installed, and this phone a new one to the server."""
        self._storage.delete(_RECORDS_FILE)
        self._storage.delete(_KEYS_FILE)
        self._records = self._keys = None

    def seal_binding(self, account: str, secret: BindingSecret) -> PendingBinding:
        """A pending binding to be kept before its request is sent."""
        content = json.dumps({"code": secret.code, "ephemeral": to_base64url(secret.ephemeral.to_bytes())}).encode()
        return PendingBinding(secret=self.keys.seal(content, purpose=fields(_PENDING_LABEL, account)))

    def open_binding(self, account: str, pending: PendingBinding) -> BindingSecret:
        """What `seal_binding` sealed. Raises `StorageDamaged`."""
        return _open_binding(self.keys, account, pending)

    def _read_keys(self) -> DeviceKeys | None:
        stored = self._storage.read(_KEYS_FILE)
        if stored is None:
            return None
        try:
            return DeviceKeys.from_bytes(stored)
        except NotAsDescribed as error:
            raise StorageDamaged(f"the phone's keys cannot be read: {error}") from error

    def _check(self, records: Records) -> None:
        """Hold the records against the hardware's keys: everything sealed must open."""
        if records.device_key is None:
            return
        keys = self._read_keys()
        if keys is None or keys.public_key != records.device_key:
            raise StorageDamaged("this phone does not hold the keys that the app's records were sealed with")
        try:
            for account, record in records.accounts.items():
                pending = record.pending
                if record.token is not None:
                    check_seal(record.token, keys=keys)
                if pending is not None:
                    _open_binding(keys, account, pending)
                    if pending.answered is not None:
                        check_seal(pending.answered.token, keys=keys)
        except SealBroken as error:
            raise StorageDamaged("a token on this phone was sealed with other keys, or was touched") from error
        self._keys = keys


def _open_binding(keys: DeviceKeys, account: str, pending: PendingBinding) -> BindingSecret:
    try:
        stored = JsonObject.parse(keys.open(pending.secret, purpose=fields(_PENDING_LABEL, account)))
        code = stored.text("code")
        ephemeral = EphemeralKey.from_bytes(stored.octets("ephemeral"))
        stored.end()
    except (SealBroken, NotAsDescribed) as error:
        raise StorageDamaged("a binding that has begun on this phone cannot be opened") from error
    return BindingSecret(code=code, ephemeral=ephemeral)
