"""What the app keeps on the phone, and how it is written down. Nothing secret is in it except under a seal."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from simulator.securities.biometric_seal import SealedBiometrics
from simulator.securities.pin_guard import PinGuard
from simulator.securities.soft_token import SealedToken
from simulator.securities.states import FirstStart, TokenEnd
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

_VERSION: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedServer:
    """The server's key as the phone saw it first (docs/phone-api.md, Who the server is)."""

    origin: str
    key_id: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedHalf:
    """The rest of a pending binding once the server has answered: the token, sealed under the PIN, not active yet."""

    server_ephemeral_key: bytes
    token: SealedToken


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingBinding:
    """A binding that has begun and whose end is not known. Written before anything of it is sent (M19)."""

    secret: bytes = field(repr=False)
    """Registration code and ephemeral key, sealed under the device storage key."""
    answered: SealedHalf | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRecord:
    """What the phone has for one account: the token that it uses, and the one that is being set up.

    `pin_guard` and `biometrics` belong to the token and go with it; `ended` tells why there is none any more.
    """

    token: SealedToken | None = None
    pending: PendingBinding | None = None
    pin_guard: PinGuard | None = None
    biometrics: SealedBiometrics | None = None
    ended: TokenEnd | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All that the app keeps."""

    first_start: FirstStart = FirstStart.PERMISSION
    device_key: bytes | None = None
    """The public half of the device key, once it is made: the hardware must hold the very same."""
    server: PinnedServer | None = None
    last_account: str = ""
    """The one that was logged in last."""
    main_account: str = ""
    """The one that the customer has made the main one (M20); empty as long as it is simply the last."""
    accounts: Mapping[str, AccountRecord] = field(default_factory=dict[str, AccountRecord])

    def of(self, account: str) -> AccountRecord:
        """The record of one account; an empty one when there is none yet."""
        return self.accounts.get(account, AccountRecord())

    def with_account(self, account: str, record: AccountRecord) -> Self:
        """The same records with that account's replaced."""
        return replace(self, accounts={**self.accounts, account: record})

    def to_bytes(self) -> bytes:
        """As JSON in UTF-8."""
        content: dict[str, object] = {
            "version": _VERSION,
            "first_start": self.first_start.value,
            "device_key": None if self.device_key is None else to_base64url(self.device_key),
            "server": None if self.server is None else _server_as_json(self.server),
            "last_account": self.last_account,
            "main_account": self.main_account,
            "accounts": {account: _account_as_json(record) for account, record in self.accounts.items()},
        }
        return json.dumps(content, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read back what `to_bytes` gave. Raises `NotAsDescribed`."""
        stored = JsonObject.parse(data)
        if stored.whole("version") != _VERSION:
            raise NotAsDescribed("written by another version of this app")
        records = cls(
            first_start=stored.choice("first_start", FirstStart),
            device_key=stored.unless_null("device_key", stored.octets),
            server=stored.unless_null("server", lambda key: _read_server(stored.inner(key))),
            last_account=stored.text("last_account"),
            main_account=stored.text("main_account"),
            accounts={name: _read_account(name, record) for name, record in stored.inners("accounts").items()},
        )
        stored.end()
        return records


def _server_as_json(server: PinnedServer) -> dict[str, object]:
    return {"origin": server.origin, "key_id": server.key_id, "public_key": to_base64url(server.public_key)}


def _read_server(stored: JsonObject) -> PinnedServer:
    server = PinnedServer(
        origin=stored.text("origin"), key_id=stored.text("key_id"), public_key=stored.octets("public_key")
    )
    stored.end()
    return server


def _account_as_json(record: AccountRecord) -> dict[str, object]:
    return {
        "token": None if record.token is None else _token_as_json(record.token),
        "pending": None if record.pending is None else _pending_as_json(record.pending),
        "pin_guard": None if record.pin_guard is None else _guard_as_json(record.pin_guard),
        "biometrics": None if record.biometrics is None else _biometrics_as_json(record.biometrics),
        "ended": record.ended,
    }


def _read_account(account: str, stored: JsonObject) -> AccountRecord:
    record = AccountRecord(
        token=stored.unless_null("token", lambda key: _read_token(account, stored.inner(key))),
        pending=stored.unless_null("pending", lambda key: _read_pending(account, stored.inner(key))),
        pin_guard=stored.unless_null("pin_guard", lambda key: _read_guard(stored.inner(key))),
        biometrics=stored.unless_null("biometrics", lambda key: _read_biometrics(stored.inner(key))),
        ended=stored.unless_null("ended", lambda key: stored.choice(key, TokenEnd)),
    )
    stored.end()
    return record


def _token_as_json(token: SealedToken) -> dict[str, object]:
    return {"token_id": token.token_id, "salt": to_base64url(token.salt), "box": to_base64url(token.box)}


def _read_token(account: str, stored: JsonObject) -> SealedToken:
    token = SealedToken(
        account=account, token_id=stored.text("token_id"), salt=stored.octets("salt"), box=stored.octets("box")
    )
    stored.end()
    return token


def _pending_as_json(pending: PendingBinding) -> dict[str, object]:
    answered = pending.answered
    return {
        "secret": to_base64url(pending.secret),
        "answered": None
        if answered is None
        else {
            "server_ephemeral_key": to_base64url(answered.server_ephemeral_key),
            "token": _token_as_json(answered.token),
        },
    }


def _read_pending(account: str, stored: JsonObject) -> PendingBinding:
    pending = PendingBinding(
        secret=stored.octets("secret"),
        answered=stored.unless_null("answered", lambda key: _read_half(account, stored.inner(key))),
    )
    stored.end()
    return pending


def _read_half(account: str, stored: JsonObject) -> SealedHalf:
    half = SealedHalf(
        server_ephemeral_key=stored.octets("server_ephemeral_key"), token=_read_token(account, stored.inner("token"))
    )
    stored.end()
    return half


def _guard_as_json(guard: PinGuard) -> dict[str, object]:
    return {"verifier": to_base64url(guard.verifier), "tries_left": guard.tries_left}


def _read_guard(stored: JsonObject) -> PinGuard:
    guard = PinGuard(verifier=stored.octets("verifier"), tries_left=stored.whole("tries_left"))
    stored.end()
    return guard


def _biometrics_as_json(biometrics: SealedBiometrics) -> dict[str, object]:
    return {
        "biometrics_id": biometrics.biometrics_id,
        "wrapped_key": to_base64url(biometrics.wrapped_key),
        "box": to_base64url(biometrics.box),
    }


def _read_biometrics(stored: JsonObject) -> SealedBiometrics:
    biometrics = SealedBiometrics(
        biometrics_id=stored.text("biometrics_id"), wrapped_key=stored.octets("wrapped_key"), box=stored.octets("box")
    )
    stored.end()
    return biometrics
