"""The one place where everything sent ends, and where it can be waited for."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeAlias

from fake_gateways.mail import Mail
from fake_gateways.sms import Text

Message: TypeAlias = Mail | Text

_NAMED_RECIPIENTS = 5


class NothingCame(Exception):
    """Patience ran out. The sentence says what was there instead; `there` holds it, oldest first."""

    def __init__(
        self, wanted: str, patience_seconds: float, there: Sequence[Message], older: Sequence[Message]
    ) -> None:
        super().__init__(f"no {wanted} in {patience_seconds:g} s; {_holding(there, older)}")
        self.wanted = wanted
        self.patience_seconds = patience_seconds
        self.there = tuple(there)


class Inbox:
    """An append-only store of mails and texts, numbered from 1 in the order of their arrival.

    It belongs to one event loop; nothing is ever taken out, so whoever comes later sees what came before.
    """

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._notes: dict[int, list[str]] = {}
        self._listeners: dict[object, Callable[[Message], None]] = {}
        self._waiting: set[asyncio.Event] = set()

    @property
    def bookmark(self) -> int:
        """The number of the last message so far; 0 while there is none."""
        return len(self._messages)

    def put(self, message: Message) -> int:
        """Append a message, give it its number, and wake whoever waits for one."""
        numbered = replace(message, number=len(self._messages) + 1)
        self._messages.append(numbered)
        for event in self._waiting:
            event.set()
        for key in self._listeners:
            asyncio.get_running_loop().call_soon(self._tell, key, numbered)
        return numbered.number

    def messages(self, after: int = 0) -> tuple[Message, ...]:
        """The messages with a number above `after`, oldest first."""
        return tuple(self._messages[max(after, 0) :])

    def message(self, number: int) -> Message | None:
        """The message of this number, if there is one."""
        return self._messages[number - 1] if 1 <= number <= len(self._messages) else None

    def add_note(self, number: int, note: str) -> None:
        """Write down what happened to a message after its arrival, such as that it was sent again."""
        self._notes.setdefault(number, []).append(note)

    def notes(self, number: int) -> tuple[str, ...]:
        """What was noted about a message, oldest first."""
        return tuple(self._notes.get(number, ()))

    async def wait_for(
        self, match: Callable[[Message], bool], *, after: int = 0, patience_seconds: float, wanted: str = "such message"
    ) -> Message:
        """The first message above `after` that matches, already here or still to come.

        `wanted` names it for the sentence of `NothingCame`: "SMS for +852 5555 0101". Patience is measured on the
        monotonic clock, whatever the world's clock does; with none left the inbox is still looked at once.
        """
        seen = after
        deadline = asyncio.timeout(patience_seconds)
        with self._woken() as arrival:
            try:
                async with deadline:
                    while True:
                        for message in self.messages(after=seen):
                            seen = message.number
                            if match(message):
                                return message
                        arrival.clear()
                        await arrival.wait()
            except TimeoutError:
                if not deadline.expired():
                    raise
                raise NothingCame(
                    wanted, patience_seconds, self.messages(after), self._messages[: max(after, 0)]
                ) from None

    def subscribe(self, callback: Callable[[Message], None]) -> Callable[[], None]:
        """Call back with every message that comes from now on, until the function returned is called.

        Callbacks run in the event loop just after the message was stored, so that one that raises ends in the loop's
        exception handler and never in the answer to the server that sent the message.
        """
        key = object()
        self._listeners[key] = callback

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    async def follow(self, after: int = 0) -> AsyncIterator[Message]:
        """Every message above `after`, those here first and then each as it comes, without end."""
        with self._woken() as arrival:
            seen = after
            while True:
                for message in self.messages(after=seen):
                    seen = message.number
                    yield message
                arrival.clear()
                if self.bookmark <= seen:
                    await arrival.wait()

    def __aiter__(self) -> AsyncIterator[Message]:
        return self.follow()

    @contextmanager
    def _woken(self) -> Generator[asyncio.Event]:
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            yield event
        finally:
            self._waiting.discard(event)

    def _tell(self, key: object, message: Message) -> None:
        callback = self._listeners.get(key)
        if callback is not None:
            callback(message)


def _holding(there: Sequence[Message], older: Sequence[Message]) -> str:
    """What an inbox holds, by recipient: `the inbox holds 2, both for +852 5555 0177`."""
    if not there and not older:
        return "the inbox is empty"
    if not older:
        return f"the inbox holds {len(there)}, {_for_whom(there)}"
    earlier = f"{len(older)} from before, {_for_whom(older)}"
    return f"the inbox holds {len(there)} new, {_for_whom(there)}; {earlier}" if there else f"the inbox holds {earlier}"


def _for_whom(messages: Sequence[Message]) -> str:
    counts = Counter(", ".join(message.recipients) or "a recipient that could not be read" for message in messages)
    if len(counts) == 1:
        word = {1: "", 2: "both "}.get(len(messages), "all ")
        return f"{word}for {next(iter(counts))}"
    named = [f"{count} for {recipient}" for recipient, count in counts.most_common(_NAMED_RECIPIENTS)]
    unnamed = sum(counts.values()) - sum(count for _, count in counts.most_common(_NAMED_RECIPIENTS))
    return ", ".join([*named, f"{unnamed} for others"] if unnamed else named)
