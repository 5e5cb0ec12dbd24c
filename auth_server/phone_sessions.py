"""Sessions of the phone app: rows on the server, known by the hash of a random token, ended by idleness and by age."""

import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

from sqlalchemy import ColumnElement, Connection, insert, select, update

from auth_server.settings import Settings
from auth_server.soft_token import SoftTokens, TokenSummary
from auth_server.tables import accounts, phone_sessions

SessionState = Literal["logged-in", "set-up-token"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneSession:
    """Who is logged in with which device key, since when (unix seconds). `set-up-token` may enrol and nothing else."""

    token_hash: bytes
    account: str
    device_key: bytes
    device_name: str
    state: SessionState
    created_at: float

    @property
    def key(self) -> str:
        """What a challenge can be bound to: the session's name, from which no token can be made."""
        return self.token_hash.hex()


def begin(tx: Connection, *, account: str, device_key: bytes, device_name: str, state: SessionState, at: float) -> str:
    """Begin a session and end the older ones of the same device; the new session's token."""
    end_all(tx, account, at=at, of_device=device_key)
    token = secrets.token_urlsafe(32)
    tx.execute(
        insert(phone_sessions).values(
            token_hash=_hash(token),
            account=account,
            device_key=device_key,
            device_name=device_name,
            state=state,
            created_at=at,
            last_seen_at=at,
        )
    )
    return token


def find(tx: Connection, token: str, settings: Settings, *, at: float) -> PhoneSession | None:
    """Find the living session of `token` and note that it was used; None if it has ended or its account is locked."""
    unlocked = select(accounts.c.account).where(
        accounts.c.account == phone_sessions.c.account, accounts.c.locked_at.is_(None)
    )
    columns = [phone_sessions.c[name] for name in PhoneSession.__slots__]
    row = (
        tx.execute(
            update(phone_sessions)
            .where(
                phone_sessions.c.token_hash == _hash(token),
                phone_sessions.c.ended_at.is_(None),
                phone_sessions.c.last_seen_at > at - settings.session_idle_seconds,
                phone_sessions.c.created_at > at - settings.session_absolute_seconds,
                unlocked.exists(),
            )
            .values(last_seen_at=at)
            .returning(*columns)
        )
        .mappings()
        .one_or_none()
    )
    return PhoneSession(**row) if row else None


def why_not(tx: Connection, token: str) -> tuple[str, str]:
    """Tell for the audit trail whose session `token` was, if anybody's, and why `find` does not find it."""
    columns = (phone_sessions.c.account, phone_sessions.c.ended_at, accounts.c.locked_at)
    query = select(*columns).join(accounts, accounts.c.account == phone_sessions.c.account)
    row = tx.execute(query.where(phone_sessions.c.token_hash == _hash(token))).one_or_none()
    if row is None:
        return "", "unknown-session"
    if row.ended_at is not None:
        return row.account, "session-ended"
    return row.account, "session-late" if row.locked_at is None else "locked"


def bound_token(tx: Connection, session: PhoneSession, tokens: SoftTokens) -> TokenSummary | None:
    """Find the account's token if this session may use it: its phone holds it and has proved so at its login."""
    return tokens.active_on(tx, session.account, session.device_key) if session.state == "logged-in" else None


def become_logged_in(tx: Connection, session: PhoneSession) -> None:
    """Let a session that has set up its token do everything: its device key has become the second factor."""
    tx.execute(
        update(phone_sessions).where(phone_sessions.c.token_hash == session.token_hash).values(state="logged-in")
    )


def end(tx: Connection, session: PhoneSession, *, at: float) -> None:
    """End one session."""
    _end(tx, phone_sessions.c.token_hash == session.token_hash, at=at)


def end_all(
    tx: Connection, account: str, *, at: float, of_device: bytes | None = None, but_of_device: bytes | None = None
) -> int:
    """End the sessions of `account`: all, those of one device, or those of all devices but one; how many there were."""
    conditions = [phone_sessions.c.account == account]
    if of_device is not None:
        conditions.append(phone_sessions.c.device_key == of_device)
    if but_of_device is not None:
        conditions.append(phone_sessions.c.device_key != but_of_device)
    return _end(tx, *conditions, at=at)


def _end(tx: Connection, *conditions: ColumnElement[bool], at: float) -> int:
    statement = update(phone_sessions).where(*conditions, phone_sessions.c.ended_at.is_(None))
    return tx.execute(statement.values(ended_at=at)).rowcount


def _hash(token: str) -> bytes:
    # The token has 256 random bits: nobody finds it from a plain hash.
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
