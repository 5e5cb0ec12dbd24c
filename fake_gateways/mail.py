"""A mail as it reached a gateway, read as a mail program would read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import ClassVar, Literal

from fake_gateways.html_text import links_in, read_html
from fake_gateways.mime import body_of, decoded_headers, first_header, pictures_of, read_structure, sender_of


@dataclass(frozen=True, slots=True)
class Address:
    """Who a mail says it is from: the name shown and the address behind it."""

    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mail:
    """One delivery: the envelope that carried it and what was in it.

    `recipients` and `envelope_sender` are the envelope's (RFC 5321; the sender of a bounce is empty); `sender` is
    the `From` field's. `text` and `html` are the bodies, lines ended by `\\n`, and empty if there is none; `html_text`
    is what a person sees of the HTML one. `links` come from both. `pictures` holds PNG and JPEG files by content id.
    `headers` are decoded, in order. `authenticated_as` is the login name of SMTP AUTH. `received_at` is Unix seconds
    on the gateways' clock. `trouble` says what could not be read and is empty for a good mail; `raw` is all of it.
    `number` is the inbox's; 0 until the inbox has it.
    """

    kind: ClassVar[Literal["mail"]] = "mail"

    sender: Address
    envelope_sender: str
    recipients: tuple[str, ...]
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    html_text: str = field(repr=False)
    links: tuple[str, ...] = field(repr=False)
    pictures: Mapping[str, bytes] = field(repr=False)
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    message_id: str
    raw: bytes = field(repr=False)
    received_at: float
    authenticated_as: str = ""
    trouble: str = ""
    number: int = 0

    @property
    def readable(self) -> str:
        """What a person reads: the plain text or, in a mail without one, the text of the HTML."""
        return self.text or self.html_text


def parse_mail(
    raw: bytes, envelope_from: str, envelope_to: tuple[str, ...], received_at: float, *, authenticated_as: str = ""
) -> Mail:
    """Read a mail. Never raises for what is in it: a broken one keeps what could be read, and its `trouble`."""
    trouble: list[str] = []
    message, parts = read_structure(raw, trouble)
    headers = decoded_headers(message, trouble)
    text, html = body_of(parts, "text/plain", trouble), body_of(parts, "text/html", trouble)
    html_text, html_links = read_html(html) if html else ("", ())
    return Mail(
        sender=Address(*sender_of(message, trouble)),
        envelope_sender=envelope_from,
        recipients=envelope_to,
        subject=first_header(headers, "subject"),
        text=text,
        html=html,
        html_text=html_text,
        links=tuple(dict.fromkeys((*html_links, *links_in(text)))),
        pictures=MappingProxyType(pictures_of(parts, trouble)),
        headers=headers,
        message_id=first_header(headers, "message-id"),
        raw=raw,
        received_at=received_at,
        authenticated_as=authenticated_as,
        trouble="; ".join(dict.fromkeys(trouble)),
    )
