"""Brings mails and texts from the gateways' desk, somewhere on this machine, to a phone."""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Literal

import httpx
from pydantic import BaseModel, ConfigDict

from fake_gateways.people import same_recipient
from simulator.phone import MailOnPhone, Phone, TextOnPhone

LONG_POLL_SECONDS = 30.0
ASK_AGAIN_SECONDS = 2.0


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class _Sender(_Shown):
    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


class _Picture(_Shown):
    url: str


class _Message(_Shown):
    """A message as the desk shows it (docs/gateways.md), as far as a phone needs it."""

    number: int
    kind: Literal["mail", "sms"]
    received_at: float
    sender: _Sender
    recipients: tuple[str, ...]
    subject: str
    readable: str
    html: str
    pictures: tuple[_Picture, ...]


async def bring_post(phone: Phone, desk: httpx.AsyncClient, addresses: Sequence[str]) -> None:
    """Deliver what comes for any of these mail addresses and numbers until cancelled, beginning with what is there.

    No addresses mean everybody's. While the desk does not answer, the phone gets nothing, as one without reception
    would; the desk is asked again.
    """
    bookmark = 0
    while True:
        try:
            message = await _next(desk, bookmark)
            if message is None:
                continue
            bookmark = message.number
            if not addresses or any(same_recipient(to, mine) for to in message.recipients for mine in addresses):
                await _deliver(phone, desk, message)
        except (httpx.HTTPError, ValueError):
            await asyncio.sleep(ASK_AGAIN_SECONDS)  # nobody announces that a gateway is back


async def _next(desk: httpx.AsyncClient, after: int) -> _Message | None:
    """The next message, or None when none came in a while."""
    answer = await desk.get(
        "/messages/wait", params={"after": after, "patience": LONG_POLL_SECONDS}, timeout=2 * LONG_POLL_SECONDS
    )
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return None
    return _Message.model_validate_json(answer.raise_for_status().content)


async def _deliver(phone: Phone, desk: httpx.AsyncClient, message: _Message) -> None:
    if message.kind == "sms":
        phone.deliver_text(
            TextOnPhone(
                number=message.number,
                sender=str(message.sender),
                text=message.readable,
                received_at=message.received_at,
            )
        )
        return
    pictures = [(await desk.get(picture.url)).raise_for_status().content for picture in message.pictures]
    phone.deliver_mail(
        MailOnPhone(
            number=message.number,
            sender=str(message.sender),
            subject=message.subject,
            text=message.readable,
            html=message.html,
            pictures=tuple(pictures),
            received_at=message.received_at,
        )
    )
