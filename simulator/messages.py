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


Message = MailOnPhone | TextOnPhone


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """A notice at the edge of the screen: something has just come."""

    message: Message

    @property
    def title(self) -> str:
        """Who it is from."""
        return self.message.sender

    @property
    def text(self) -> str:
        """What it says, in one line: a mail's subject or the text message itself."""
        return self.message.subject if isinstance(self.message, MailOnPhone) else self.message.text


_M = TypeVar("_M", MailOnPhone, TextOnPhone)


class MessageBox(Generic[_M]):
    """All messages of one kind, read from the storage when they are first asked for.

    Raises the errors of `simulator.storage`.
    """

    def __init__(self, storage: Storage, kind: Literal["mail", "text"], read: Callable[[JsonObject], _M]) -> None:
        self._storage = storage
        self._prefix = f"{_FOLDER}/{kind}-"
        self._read = read
        self._found: dict[int, _M] | None = None

    @property
    def numbers(self) -> frozenset[int]:
        """The numbers of all messages."""
        return frozenset(self._messages())

    def in_order(self) -> tuple[_M, ...]:
        """All messages, oldest first."""
        return tuple(sorted(self._messages().values(), key=lambda message: (message.received_at, message.number)))

    def add(self, message: _M) -> bool:
        """Store a message. False when it is there already; `ValueError` when another one has its number."""
        known = self._messages().get(message.number)
        if known is not None and known != message:
            raise ValueError(f"another message on this phone has the number {message.number}")
        if known is None:
            self._storage.write(f"{self._prefix}{message.number}.json", _write(message))
            self._messages()[message.number] = message
        return known is None

    def _messages(self) -> dict[int, _M]:
        if self._found is None:
            names = (name for name in self._storage.names(_FOLDER) if name.startswith(self._prefix))
            read = (self._read_file(name, data) for name in names if (data := self._storage.read(name)) is not None)
            self._found = {message.number: message for message in read}
        return self._found

    def _read_file(self, name: str, data: bytes) -> _M:
        try:
            stored = JsonObject.parse(data)
            if stored.whole("version") != _VERSION:
                raise NotAsDescribed("written by another version of this phone")
            message = self._read(stored)
            stored.end()
        except NotAsDescribed as error:
            raise StorageDamaged(f"{name} cannot be read: {error}") from error
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
