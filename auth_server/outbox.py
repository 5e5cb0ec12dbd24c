"""The outbox: mails and texts wait here from the transaction that decides on them until a gateway has taken them.

No answer waits for a gateway, nothing is sent for a transaction that was undone, and nothing is lost in a crash: what
was not known to be taken is sent again under the same message id.
"""

import base64
import json
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, insert, select, update

from auth_server.database import after_commit
from auth_server.sealing import Seal
from auth_server.tables import outbox

Kind = Literal["mail", "sms"]

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
        until: float | None = None,
    ) -> None:
        """Queue a mail in the transaction `tx`; `pictures` are PNG bytes by content id.

        It is given up at the time `until`, by default a day later, with an audit row that names `account`.
        """
        encoded = {cid: base64.b64encode(png).decode("ascii") for cid, png in (pictures or {}).items()}
        mail = Mail(to=to, subject=subject, text=text, html=html, pictures=encoded)
        self._queue(tx, "mail", mail, at=at, account=account, until=until)

    def queue_text(
        self, tx: Connection, *, at: float, to: str, text: str, account: str = "", until: float | None = None
    ) -> None:
        """Queue a text message in the transaction `tx`; see `queue_mail`."""
        self._queue(tx, "sms", Text(to=to, text=text), at=at, account=account, until=until)

    def waiting(self, tx: Connection, kind: Kind, *, after: int = 0) -> tuple[Waiting, ...]:
        """Read the waiting messages of one kind with ids above `after`, oldest first, up to fifty."""
        columns = [outbox.c[name] for name in Waiting.__slots__]
        query = select(*columns).where(outbox.c.kind == kind, outbox.c.state == "waiting", outbox.c.id > after)
        return tuple(Waiting(**row) for row in tx.execute(query.order_by(outbox.c.id).limit(_BATCH)).mappings())

    def read(self, message: Waiting) -> Mail | Text:
        """Open a message.

        Raises `SealBrokenError` if it was tampered with.
        """
        plain = self._seal.unseal(message.content, *_place(message.message_id))
        return (Mail if message.kind == "mail" else Text).model_validate_json(plain)

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
        self, tx: Connection, kind: Kind, content: Mail | Text, *, at: float, account: str, until: float | None
    ) -> None:
        message_id = f"<{secrets.token_hex(16)}@{self._host}>"
        plain = json.dumps(content.model_dump(), ensure_ascii=False).encode()
        tx.execute(
            insert(outbox).values(
                kind=kind,
                message_id=message_id,
                account=account,
                created_at=at,
                until=at + _A_DAY if until is None else until,
                state="waiting",
                attempts=0,
                content=self._seal.seal(plain, *_place(message_id)),
            )
        )
        after_commit(tx, self._wake)


def _place(message_id: str) -> tuple[str, ...]:
    return ("outbox", "content", message_id)


def _nobody() -> None:
    """Nobody sends yet: what waits is found when somebody begins to."""
