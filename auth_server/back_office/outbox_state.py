"""What became of mails and texts: those that wait and those that were given up, never what they say."""

from typing import Literal

from sqlalchemy import Connection, literal_column, select
from typing_extensions import TypedDict  # pydantic describes only these before Python 3.12

from auth_server.outbox import Kind
from auth_server.tables import outbox

MessageState = Literal["waiting", "given-up"]


class MessageShown(TypedDict):
    """A message without its content. Times are unix seconds; `ended_at` is null while it waits."""

    id: int
    kind: Kind
    account: str
    state: MessageState
    attempts: int
    created_at: float
    until: float
    ended_at: float | None


class MessagesShown(TypedDict):
    """One page of messages, newest first; `next` is the id to go on before, null at the end."""

    messages: list[MessageShown]
    next: int | None


def messages(tx: Connection, state: MessageState, *, before: int | None = None, limit: int) -> MessagesShown:
    """Read up to `limit` messages of one state with ids below `before`."""
    # The state stands in the statement itself: only then does the index of these few rows serve.
    in_state = outbox.c.state == literal_column(f"'{state}'")
    query = select(*(outbox.c[name] for name in MessageShown.__annotations__)).where(in_state)
    if before is not None:
        query = query.where(outbox.c.id < before)
    rows = tx.execute(query.order_by(outbox.c.id.desc()).limit(limit + 1)).mappings().all()
    shown = [MessageShown(**row) for row in rows[:limit]]
    return {"messages": shown, "next": shown[-1]["id"] if len(rows) > limit else None}
