"""One phone with the broker's app on it, in somebody's hands; it can lose its power at any moment and come back."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from fake_gateways.mail import Mail
from fake_gateways.people import Person, belongs_to
from fake_gateways.sms import Text as TextMessage
from harness.clock import Now
from simulator.phone import Language, MailOnPhone, Phone, TextOnPhone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage

if TYPE_CHECKING:  # Textual is loaded when a phone's screen lights up: many scenarios need none
    from simulator.hands import Hands


class Handset:
    """A phone, the broker's app on it, and the hands that hold it. `owner` gets the mails and texts on it."""

    def __init__(
        self,
        folder: Path,
        owner: Person | None,
        *,
        origin: str,
        client: httpx.AsyncClient,
        now: Now,
        language: Language,
    ) -> None:
        self._folder = folder
        self._owner = owner
        self._origin = origin
        self._client = client
        self._now = now
        self._language: Language = language
        self._lifetime = AsyncExitStack()
        self._hands: Hands | None = None
        self.phone: Phone
        self.app: SecuritiesApp

    def switch_on(self) -> None:
        """Start the phone from what its storage holds. Its screen stays dark until somebody takes it in hand."""
        storage = self._lifetime.enter_context(Storage(self._folder, durable=False))
        self.phone = Phone(storage, now=self._now, language=self._language)
        self.app = SecuritiesApp(self.phone, HttpBrokerApi(self._origin, self._client, language=self._language))

    async def in_hand(self) -> "Hands":
        """The hands that hold it; the first time its screen lights up."""
        if self._hands is None:
            module = await asyncio.to_thread(importlib.import_module, "simulator.hands")
            hands: Hands = await self._lifetime.enter_async_context(module.phone_in_hand(self.phone, self.app))
            self._hands = hands
        return self._hands

    @property
    def is_lit(self) -> bool:
        """Whether somebody has taken it in hand since it was switched on."""
        return self._hands is not None

    async def switch_off(self) -> None:
        """Take its power away, whatever it was doing. What its storage holds stays."""
        self._hands = None
        await self._lifetime.aclose()

    def deliver(self, message: Mail | TextMessage) -> None:
        """Put a message that is its owner's into the phone's mail app or among its texts."""
        if self._owner is None or not belongs_to(message, self._owner):
            return
        match message:
            case Mail():
                self.phone.deliver_mail(
                    MailOnPhone(
                        number=message.number,
                        sender=str(message.sender),
                        subject=message.subject,
                        text=message.readable,
                        html=message.html,
                        pictures=tuple(message.pictures.values()),
                        received_at=message.received_at,
                    )
                )
            case TextMessage():
                self.phone.deliver_text(
                    TextOnPhone(
                        number=message.number,
                        sender=message.sender,
                        text=message.text,
                        received_at=message.received_at,
                    )
                )


@asynccontextmanager
async def open_handset(
    folder: Path, owner: Person | None, *, origin: str, client: httpx.AsyncClient, now: Now, language: Language
) -> AsyncGenerator[Handset]:
    """Have a phone switched on for the block; at its end it is switched off."""
    handset = Handset(folder, owner, origin=origin, client=client, now=now, language=language)
    handset.switch_on()
    try:
        yield handset
    finally:
        await handset.switch_off()


def deliver_to(handsets: Iterable[Handset], message: Mail | TextMessage) -> None:
    """Hand a message to every phone whose owner it is for."""
    for handset in handsets:
        handset.deliver(message)
