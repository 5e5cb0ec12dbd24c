"""The broker's staff: who may use the pages of the back office. Nobody is there until somebody is added by command.

A staff member has a name, a password and an authenticator app: any that reads ``otpauth://`` addresses, so its codes
are TOTP with HMAC-SHA-1, 30 s and 6 digits (RFC 6238), the one kind that all of them know.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from sqlalchemy import Connection, delete, func, select, update

from auth_server import audit, lockout
from auth_server.broker import Broker
from auth_server.channels import Channel
from auth_server.database import insert_if_absent
from auth_server.passwords import is_common
from auth_server.tables import audit_rows, staff, staff_sessions

SHORTEST_PASSWORD: Final = 12
LONGEST_PASSWORD: Final = 128

_SEED_BYTES: Final = 20  # RFC 4226, 4: 160 bits are recommended
_ISSUER: Final = "Anue back office"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffMember:
    """One of the staff; times are unix seconds."""

    name: str
    created_at: float
    last_login_at: float | None


def read_name(text: str) -> str | None:
    """Read a staff member's name in the one spelling that there is of it; None if it is not one."""
    match = re.fullmatch(r"[a-z][a-z0-9._-]{1,31}", text.strip().lower())
    return match[0] if match else None


def why_unfit(name: str, password: str) -> str | None:
    """Say why `password` will not do for the staff member `name`; None if it will."""
    if len(password) < SHORTEST_PASSWORD:
        return f"must be {SHORTEST_PASSWORD} characters or longer"
    if len(password) > LONGEST_PASSWORD:
        return f"must not be longer than {LONGEST_PASSWORD} characters"
    if is_common(password) or len(set(password)) < SHORTEST_PASSWORD // 2:
        return "must not be easy to guess"
    if name in password.lower():
        return "must not hold the name"
    return None


def make_password() -> str:
    """Make a password of 100 random bits that can be read out: twenty letters and digits in groups of five."""
    letters = base64.b32encode(secrets.token_bytes(13)).decode("ascii").lower()
    return "-".join(letters[start : start + 5] for start in range(0, 20, 5))


def add(broker: Broker, tx: Connection, name: str, password_hash: str) -> bytes | None:
    """Add a staff member; gives the seed for the authenticator app (20 bytes), None if the name is taken."""
    seed = secrets.token_bytes(_SEED_BYTES)
    added = insert_if_absent(
        tx,
        staff,
        name=name,
        password_hash=password_hash,
        sealed_seed=broker.seal.seal(seed, *seed_place(name)),
        last_step=-1,
        created_at=broker.now(),
    )
    _note(broker, tx, "staff-added", name, refused=None if added else "taken")
    return seed if added else None


def reset(broker: Broker, tx: Connection, name: str, password_hash: str) -> bytes | None:
    """Give a staff member another password and another seed, which is returned; None if there is nobody of that name.

    Sessions end, and wrong tries are forgotten.
    """
    seed = secrets.token_bytes(_SEED_BYTES)
    changed = tx.execute(
        update(staff)
        .where(staff.c.name == name)
        .values(password_hash=password_hash, sealed_seed=broker.seal.seal(seed, *seed_place(name)), last_step=-1)
    )
    found = changed.rowcount == 1
    tx.execute(delete(staff_sessions).where(staff_sessions.c.name == name))
    lockout.forgive(tx, login_counter(name))
    _note(broker, tx, "staff-reset", name, refused=None if found else "unknown")
    return seed if found else None


def remove(broker: Broker, tx: Connection, name: str) -> bool:
    """Remove a staff member and end the sessions; False if there is nobody of that name."""
    tx.execute(delete(staff_sessions).where(staff_sessions.c.name == name))
    found = tx.execute(delete(staff).where(staff.c.name == name)).rowcount == 1
    _note(broker, tx, "staff-removed", name, refused=None if found else "unknown")
    return found


def everyone(tx: Connection) -> tuple[StaffMember, ...]:
    """List the staff by name."""
    last_login_at = (
        select(func.max(audit_rows.c.at))
        .where(
            audit_rows.c.event == "staff-login", audit_rows.c.result == "success", audit_rows.c.staff == staff.c.name
        )
        .scalar_subquery()
    )
    query = select(staff.c.name, staff.c.created_at, last_login_at.label("last_login_at")).order_by(staff.c.name)
    return tuple(StaffMember(**row) for row in tx.execute(query).mappings())


def authenticator_address(name: str, seed: bytes) -> str:
    """Write the ``otpauth://`` address from which an authenticator app takes the seed."""
    secret = base64.b32encode(seed).decode("ascii")
    label = quote(f"{_ISSUER}:{name}", safe=":")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret, 'issuer': _ISSUER}, quote_via=quote)}"


def login_counter(name: str) -> str:
    """Name the counter of wrong logins of the staff member `name`."""
    return f"wrong logins of staff {name}"


def seed_place(name: str) -> tuple[str, ...]:
    """Name the place in which a seed is sealed; moved to another name it does not open."""
    return ("staff", "sealed_seed", name)


def _note(broker: Broker, tx: Connection, event: audit.Event, name: str, *, refused: str | None) -> None:
    audit.record(
        tx,
        at=broker.now(),
        event=event,
        result="success" if refused is None else "refused",
        reason=refused or "",
        channel=Channel.COMMAND,
        staff=name,
    )
