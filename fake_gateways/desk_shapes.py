"""A message as the desk's JSON has it: one shape for mails and texts, empty where a kind has nothing to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from fake_gateways.html_text import links_in
from fake_gateways.inbox import Message
from fake_gateways.mail import Mail
from fake_gateways.mime import media_type_of
from fake_gateways.profiles import Matched
from fake_gateways.sms import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderShown:
    """Who it says it is from. `name` is empty for a text."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureShown:
    """A picture in a mail, to be fetched from `url`."""

    content_id: str
    media_type: str
    size_bytes: int
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedShown:
    """What looked like a value and is not, and why."""

    text: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchShown:
    """What a message gives by one profile: values and the addresses of pictures, by name."""

    profile: str
    values: Mapping[str, str]
    pictures: Mapping[str, str]
    rejected: Sequence[RejectedShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageShown:
    """A mail or a text. `received_at` is Unix seconds on the gateways' clock; `readable` is what a person reads."""

    number: int
    kind: Literal["mail", "sms"]
    received_at: float
    sender: SenderShown
    recipients: Sequence[str]
    subject: str = ""
    readable: str
    text: str
    html: str = ""
    links: Sequence[str]
    pictures: Sequence[PictureShown] = ()
    headers: Sequence[tuple[str, str]] = ()
    message_id: str = ""
    authenticated_as: str = ""
    provider_id: str = ""
    encoding: str = ""
    segments: int = 0
    trouble: str
    notes: Sequence[str]
    matches: Sequence[MatchShown]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagesShown:
    """A list of messages, and the number of the inbox's last one."""

    messages: Sequence[MessageShown]
    bookmark: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """Where a server is to be pointed."""

    smtp_host: str
    smtp_port: int
    sms_url: str


def shown(message: Message, notes: Sequence[str], matches: Mapping[str, Matched]) -> MessageShown:
    """A message with what was noted about it and what each profile found in it."""
    match message:
        case Mail():
            return MessageShown(
                number=message.number,
                kind=message.kind,
                received_at=message.received_at,
                sender=SenderShown(name=message.sender.name, address=message.sender.address),
                recipients=message.recipients,
                subject=message.subject,
                readable=message.readable,
                text=message.text,
                html=message.html,
                links=message.links,
                pictures=[_picture(message, content_id) for content_id in message.pictures],
                headers=message.headers,
                message_id=message.message_id,
                authenticated_as=message.authenticated_as,
                trouble=message.trouble,
                notes=notes,
                matches=[_match(message, name, match) for name, match in matches.items()],
            )
        case Text():
            return MessageShown(
                number=message.number,
                kind=message.kind,
                received_at=message.received_at,
                sender=SenderShown(name="", address=message.sender),
                recipients=message.recipients,
                readable=message.text,
                text=message.text,
                links=links_in(message.text),
                provider_id=message.provider_id,
                encoding=message.encoding,
                segments=message.segments,
                trouble=message.trouble,
                notes=notes,
                matches=[_match(message, name, match) for name, match in matches.items()],
            )


def _picture(mail: Mail, content_id: str) -> PictureShown:
    content = mail.pictures[content_id]
    return PictureShown(
        content_id=content_id,
        media_type=media_type_of(content),
        size_bytes=len(content),
        url=f"/messages/{mail.number}/pictures/{quote(content_id)}",
    )


def _match(message: Message, profile: str, matched: Matched) -> MatchShown:
    pictures = [_picture(message, content_id) for content_id in message.pictures] if isinstance(message, Mail) else []
    held: Mapping[str, bytes] = message.pictures if isinstance(message, Mail) else {}
    return MatchShown(
        profile=profile,
        values=matched.values,
        pictures={
            name: picture.url
            for name, content in matched.pictures.items()
            for picture in pictures
            if held[picture.content_id] is content
        },
        rejected=[RejectedShown(text=one.text, why=one.why) for one in matched.rejected],
    )
