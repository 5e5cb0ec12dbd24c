"""Login and sessions of the staff: name, password and code in one step, none of which is said to be the wrong one."""

import re
import secrets
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from auth_server import audit, lockout
from auth_server.back_office.staff import login_counter, read_name, seed_place
from auth_server.broker import Broker
from auth_server.channels import Channel
from auth_server.tables import staff, staff_sessions
from auth_server.totp import matching_step, step_at

_TOKEN_BYTES: Final = 32


def log_in(broker: Broker, name: str, password: str, code: str, *, address: str) -> str | None:
    """Check name, password and code; gives the token of a new session, or None if refused.

    The try is counted first, the code is accepted once, and an unknown name costs the work of a known one.
    """
    known_name = read_name(name)
    counter = login_counter(known_name or "nobody")
    with broker.database.writing() as tx:
        limited = lockout.reserve(
            tx,
            counter,
            limit=broker.settings.password_tries,
            window_seconds=broker.settings.password_window_seconds,
            at=broker.now(),
        )
        member = _find(tx, known_name)
    known_hash = member.password_hash if member is not None and limited is None else None
    right = broker.passwords.verify_password(known_hash, password)
    renewed = broker.passwords.renewed(known_hash, password) if right and known_hash is not None else None
    with broker.database.writing() as tx:
        member = _find(tx, known_name)
        if limited is not None:
            reason = "limit"
        elif member is None:
            reason = "unknown"
        elif not right or member.password_hash != known_hash:
            reason = "wrong-password"
        else:
            reason = _use_code(broker, tx, member, code)
        _note(broker, tx, "staff-login", known_name or "", reason, address=address)
        if member is None or reason:
            return None
        lockout.forgive(tx, counter)
        if renewed is not None:
            tx.execute(update(staff).where(staff.c.name == member.name).values(password_hash=renewed))
        return _begin(broker, tx, member.name)


def resume(broker: Broker, tx: Connection, token: str, *, address: str) -> str | None:
    """Tell whose session `token` is and put off its idle limit; None if there is none, or no longer.

    One that is found to have outlived a limit is ended for good.
    """
    at = broker.now()
    name = tx.execute(
        update(staff_sessions)
        .where(
            _open(broker, token),
            staff_sessions.c.last_seen_at > at - broker.settings.staff_idle_seconds,
            staff_sessions.c.created_at > at - broker.settings.staff_absolute_seconds,
        )
        .values(last_seen_at=at)
        .returning(staff_sessions.c.name)
    ).scalar_one_or_none()
    if name is None:
        _end(broker, tx, token, "staff-session-ended", reason="late", address=address)
    return name


def log_out(broker: Broker, tx: Connection, token: str, *, address: str) -> None:
    """End the session of `token`, if it goes on."""
    _end(broker, tx, token, "staff-logout", reason="", address=address)


def _find(tx: Connection, name: str | None) -> Row[str, str, bytes] | None:
    columns = (staff.c.name, staff.c.password_hash, staff.c.sealed_seed)
    return tx.execute(select(*columns).where(staff.c.name == name)).one_or_none()


def _use_code(broker: Broker, tx: Connection, member: Row[str, str, bytes], code: str) -> str:
    """Use up `code`, of this step, the one before or the one after; why it is refused, or nothing if it is not."""
    if not re.fullmatch(r"[0-9]{6}", code):
        return "wrong-code"
    seed = broker.seal.unseal(member.sealed_seed, *seed_place(member.name))
    now = step_at(broker.now())
    step = matching_step(seed, code, (now, now - 1, now + 1), algorithm=SHA1())  # noqa: S303 - RFC 6238's own
    if step is None:
        return "wrong-code"
    # The step of the last accepted code only grows, so a code and those before it are dead once it was used.
    statement = update(staff).where(staff.c.name == member.name, staff.c.last_step < step).values(last_step=step)
    return "" if tx.execute(statement).rowcount == 1 else "used"


def _begin(broker: Broker, tx: Connection, name: str) -> str:
    at = broker.now()
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    token_hash = broker.mac.of(*_session(token))
    tx.execute(insert(staff_sessions).values(token_hash=token_hash, name=name, created_at=at, last_seen_at=at))
    return token


def _end(broker: Broker, tx: Connection, token: str, event: audit.Event, *, reason: str, address: str) -> None:
    statement = update(staff_sessions).where(_open(broker, token)).values(ended_at=broker.now())
    name = tx.execute(statement.returning(staff_sessions.c.name)).scalar_one_or_none()
    if name is not None:
        audit.record(
            tx,
            at=broker.now(),
            event=event,
            result="success",
            reason=reason,
            channel=Channel.BACK_OFFICE,
            address=address,
            staff=name,
        )


def _session(token: str) -> tuple[str, str]:
    """Say what the hash of `token` is made of; the purpose keeps a token of another kind from finding a session."""
    return "staff-session", token


def _open(broker: Broker, token: str) -> ColumnElement[bool]:
    known_as = broker.mac.candidates(*_session(token))
    return and_(staff_sessions.c.token_hash.in_(known_as), staff_sessions.c.ended_at.is_(None))


def _note(broker: Broker, tx: Connection, event: audit.Event, name: str, reason: str, *, address: str) -> None:
    audit.record(
        tx,
        at=broker.now(),
        event=event,
        result="refused" if reason else "success",
        reason=reason,
        channel=Channel.BACK_OFFICE,
        address=address,
        staff=name,
    )
