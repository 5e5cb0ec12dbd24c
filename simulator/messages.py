"""What other people sent to a phone, and how the phone keeps it: one file for each message."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, Generic, Literal, TypeVar

from simulator.storage import Storage, StorageDamaged
from simulator.strict_json import JsonObject, NotAsDescribed, to_base64url

_FOLDER: Final = "messages"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MailOnPhone:
    """An e-mail as the phone's mail app has it. `number` is its sender's or inbox's own and never used twice."""

    number: int
    sender: str
    subject: str
    text: str
    html: str
    pictures: tuple[bytes, ...]
    """PNG files, in the order in which the mail shows them."""
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TextOnPhone:
    """A text message as the phone has it. `number` is its inbox's own and never used twice."""

    number: int
    sender: str
    text: str
    received_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOnPhone:
    """A notification of the broker's app. It lives until it is opened or cleared, and not beyond a restart."""

    number: int
    sender: str
    text: str
    received_at: float


Message = MailOnPhone | TextOnPhone
"""What is kept until somebody reads it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A notice that something has come: at the edge of the screen at first, and in the notification shade."""

    message: Message | PushOnPhone

    @property
    def title(self) -> str:
        """Who it is from."""
        return self.message.sender

    @property
    def text(self) -> str:
        """What it says, in one line: a mail's subject, or the message itself."""
        return self.message.subject if isinstance(self.message, MailOnPhone) else self.message.text


_M = TypeVar("_M", MailOnPhone, TextOnPhone)


class MessageBox(Generic[_M]):
    """All messages of one kind, read from the storage when they are first asked for.

    One that is damaged takes none of the others with it. Raises the errors of `simulator.storage`, else.
    """

    def __init__(self, storage: Storage, kind: Literal["mail", "text"], read: Callable[[JsonObject], _M]) -> None:
        self._storage = storage
        self._prefix = f"{_FOLDER}/{kind}-"
        self._read = read
        self._found: dict[int, _M] | None = None
        self._damaged: tuple[str, ...] = ()

    @property
    def damaged(self) -> int:
        """How many messages are there and cannot be read."""
        self._messages()
        return len(self._damaged)

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all messages."""
        return frozenset(self._messages())

    def in_order(self) -> tuple[_M, ...]:
        """All messages, oldest first."""
        return tuple(sorted(self._messages().values(), key=lambda message: (message.received_at, message.number)))

    def add(self, message: _M) -> bool:
        """Store a message, also in place of a damaged one. False when it is there already.

        Raises `ValueError` when another one has its number.
        """
        known = self._messages().get(message.number)
        if known is not None and known != message:
            raise ValueError(f"another message on this phone has the number {message.number}")
        if known is None:
            self._storage.write(self._name_of(message.number), _write(message))
            self._messages()[message.number] = message
            self._damaged = tuple(name for name in self._damaged if name != self._name_of(message.number))
        return known is None

    def delete_damaged(self) -> None:
        """Delete what cannot be read."""
        self._messages()
        for name in self._damaged:
            self._storage.delete(name)
        self._damaged = ()

    def delete_all(self) -> None:
        """Delete every message, to make room."""
        self.delete_damaged()
        for number in tuple(self._messages()):
            self._storage.delete(self._name_of(number))
            del self._messages()[number]

    def _name_of(self, number: int) -> str:
        return f"{self._prefix}{number}.json"

    def _messages(self) -> dict[int, _M]:
        if self._found is None:
            found: dict[int, _M] = {}
            damaged: list[str] = []
            for name in (name for name in self._storage.names(_FOLDER) if name.startswith(self._prefix)):
                try:
                    message = self._read_file(name)
                except (StorageDamaged, NotAsDescribed):
                    damaged.append(name)
                else:
                    found[message.number] = message
            self._found, self._damaged = found, tuple(damaged)
        return self._found

    def _read_file(self, name: str) -> _M:
        stored = JsonObject.parse(self._storage.read(name) or b"")
        if stored.whole("version") != _VERSION:
            raise NotAsDescribed("written by another version of this phone")
        message = self._read(stored)
        stored.end()
        return message


def mail_box(storage: Storage) -> MessageBox[MailOnPhone]:
    """The mails on a phone."""
    return MessageBox(storage, "mail", _read_mail)


def text_box(storage: Storage) -> MessageBox[TextOnPhone]:
    """The text messages on a phone."""
    return MessageBox(storage, "text", _read_text)


def _write(message: Message) -> bytes:
    content = {"version": _VERSION, **asdict(message)}
    if isinstance(message, MailOnPhone):
        content["pictures"] = [to_base64url(picture) for picture in message.pictures]
    return json.dumps(content, ensure_ascii=False).encode()


def _read_mail(stored: JsonObject) -> MailOnPhone:
    return MailOnPhone(
        number=stored.whole("number"),
        sender=stored.text("sender"),
        subject=stored.text("subject"),
        text=stored.text("text"),
        html=stored.text("html"),
        pictures=stored.list_of_octets("pictures"),
        received_at=stored.number("received_at"),
    )


def _read_text(stored: JsonObject) -> TextOnPhone:
    return TextOnPhone(
        number=stored.whole("number"),
        sender=stored.text("sender"),
        text=stored.text("text"),
        received_at=stored.number("received_at"),
    )
