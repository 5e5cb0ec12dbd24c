"""The outbox: messages wait here from the transaction that decides on them until their receiver has taken them.

No answer waits for a gateway, nothing is sent for a transaction that was undone, and nothing is lost in a crash: what
was not known to be taken is sent again under the same message id.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, insert, select, update

from auth_server.database import after_commit
from auth_server.sealing import Seal
from auth_server.tables import outbox, web_sessions

Kind = Literal["mail", "sms", "slo"]
"""A mail, a text message, or the single logout of a CAS service."""

_AN_HOUR: Final = 3600.0
_A_DAY: Final = 86400.0
_BATCH: Final = 50


class Mail(BaseModel):
    """What a mail says. `pictures` are PNGs in base64 by content id."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    to: str
    subject: str
    text: str
    html: str
    pictures: dict[str, str]

    def decoded_pictures(self) -> Iterator[tuple[str, bytes]]:
        """Give each picture with its content id, as bytes."""
        return ((cid, base64.b64decode(picture)) for cid, picture in self.pictures.items())


class Text(BaseModel):
    """What a text message says."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    to: str
    text: str


class ServiceLogout(BaseModel):
    """What a CAS service is told of the end of a session: which service, and the ticket that it knows it by."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    service: str
    ticket: str


Content = Mail | Text | ServiceLogout

_CONTENTS: Final[Mapping[Kind, type[Content]]] = {"mail": Mail, "sms": Text, "slo": ServiceLogout}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A message that waits, still sealed. Times are unix seconds; it is given up at `until`."""

    id: int
    kind: Kind
    message_id: str
    account: str
    attempts: int
    created_at: float
    until: float
    content: bytes = field(repr=False)


class Fate(StrEnum):
    """How a message fares that somebody waits for."""

    UNDER_WAY = "under-way"
    DELAYED = "delayed"
    """It could not be handed over so far, and is tried again."""
    SENT = "sent"
    GIVEN_UP = "given-up"


class Outbox:
    """Puts messages into the outbox, takes them out again, and wakes whoever sends them."""

    def __init__(self, seal: Seal, host: str) -> None:
        self._seal = seal
        self._host = host
        self._wake: Callable[[], None] = _nobody

    def on_commit(self, wake: Callable[[], None] | None) -> None:
        """Have `wake` called, in whichever thread, after each transaction that queued something; None for nobody."""
        self._wake = wake or _nobody

    def queue_mail(
        self,
        tx: Connection,
        *,
        at: float,
        to: str,
        subject: str,
        text: str,
        html: str,
        pictures: Mapping[str, bytes] | None = None,
        account: str = "",
        about: str | None = None,
        until: float | None = None,
    ) -> None:
        """Queue a mail in the transaction `tx`; `pictures` are PNG bytes by content id.

        It is given up at the time `until`, by default a day later, with an audit row that names `account`. `about` is
        the login or enrolment that waits for it: see `fate`.
        """
        encoded = {cid: base64.b64encode(png).decode("ascii") for cid, png in (pictures or {}).items()}
        mail = Mail(to=to, subject=subject, text=text, html=html, pictures=encoded)
        self._queue(tx, "mail", mail, at=at, account=account, about=about, until=until)

    def queue_text(
        self,
        tx: Connection,
        *,
        at: float,
        to: str,
        text: str,
        account: str = "",
        about: str | None = None,
        until: float | None = None,
    ) -> None:
        """Queue a text message in the transaction `tx`; see `queue_mail`."""
        self._queue(tx, "sms", Text(to=to, text=text), at=at, account=account, about=about, until=until)

    def hold_logout(
        self, tx: Connection, *, at: float, service: str, ticket: str, session: bytes, account: str
    ) -> None:
        """Have `service` told once the web session whose key is `session` has ended: see `release_held`."""
        content = ServiceLogout(service=service, ticket=ticket)
        self._queue(tx, "slo", content, at=at, account=account, until=None, held_for=session)

    def release(self, tx: Connection, *, at: float) -> None:
        """Let go of what is held for sessions that have ended, and wake whoever sends it."""
        if release_held(tx, at=at):
            after_commit(tx, self._wake)

    def wake(self) -> None:
        """Have whoever sends look for what waits."""
        self._wake()

    def waiting(self, tx: Connection, kind: Kind, *, after: int = 0) -> tuple[Waiting, ...]:
        """Read the waiting messages of one kind with ids above `after`, oldest first, up to fifty."""
        columns = [outbox.c[name] for name in Waiting.__slots__]
        query = select(*columns).where(outbox.c.kind == kind, outbox.c.state == "waiting", outbox.c.id > after)
        return tuple(Waiting(**row) for row in tx.execute(query.order_by(outbox.c.id).limit(_BATCH)).mappings())

    def read(self, message: Waiting) -> Content:
        """Open a message.

        Raises `SealBrokenError` if it was tampered with.
        """
        plain = self._seal.unseal(message.content, *_place(message.message_id))
        return _CONTENTS[message.kind].model_validate_json(plain)

    def begin_attempt(self, tx: Connection, message: Waiting) -> bool:
        """Count an attempt to hand over `message`; False if another sender has taken it in the meantime."""
        statement = update(outbox).where(
            outbox.c.id == message.id, outbox.c.state == "waiting", outbox.c.attempts == message.attempts
        )
        return tx.execute(statement.values(attempts=message.attempts + 1)).rowcount == 1

    def end(self, tx: Connection, message: Waiting, state: Literal["sent", "given-up"], *, at: float) -> bool:
        """Mark `message` as handed over or given up, and wipe what it says; False if it had ended already."""
        statement = update(outbox).where(outbox.c.id == message.id, outbox.c.state == "waiting")
        return tx.execute(statement.values(state=state, content=None, ended_at=at)).rowcount == 1

    def _queue(
        self,
        tx: Connection,
        kind: Kind,
        content: Content,
        *,
        at: float,
        account: str,
        until: float | None,
        about: str | None = None,
        held_for: bytes | None = None,
    ) -> None:
        message_id = f"<{secrets.token_hex(16)}@{self._host}>"
        plain = json.dumps(content.model_dump(), ensure_ascii=False).encode()
        tx.execute(
            insert(outbox).values(
                kind=kind,
                message_id=message_id,
                account=account,
                about=about,
                created_at=at,
                until=at + _A_DAY if until is None else until,
                state="waiting" if held_for is None else "held",
                attempts=0,
                content=self._seal.seal(plain, *_place(message_id)),
                held_for=held_for,
            )
        )
        if held_for is None:
            after_commit(tx, self._wake)


def fate(tx: Connection, about: str) -> Fate | None:
    """Tell how the newest message about a login or enrolment fares; None if there was none."""
    query = select(outbox.c.state, outbox.c.attempts).where(outbox.c.about == about).order_by(outbox.c.id.desc())
    row = tx.execute(query.limit(1)).one_or_none()
    if row is None:
        return None
    if row.state == "waiting":
        return Fate.UNDER_WAY if row.attempts <= 1 else Fate.DELAYED
    return Fate(row.state)


def release_held(tx: Connection, *, at: float) -> bool:
    """Let go of what is held for web sessions that have ended; it is given up an hour after `at`. True if any was."""
    ended = select(web_sessions.c.token_hash).where(web_sessions.c.ended_at.is_not(None))
    statement = update(outbox).where(outbox.c.state == "held", outbox.c.held_for.in_(ended))
    return tx.execute(statement.values(state="waiting", created_at=at, until=at + _AN_HOUR)).rowcount > 0


def _place(message_id: str) -> tuple[str, ...]:
    return ("outbox", "content", message_id)


def _nobody() -> None:
    """Nobody sends yet: what waits is found when somebody begins to."""
