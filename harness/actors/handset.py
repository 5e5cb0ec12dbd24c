"""One phone with the broker's app on it, in somebody's hands; it can lose its power at any moment and come back."""

import asyncio
import importlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import httpx

from fake_gateways.mail import Mail
from fake_gateways.people import Person, belongs_to
from fake_gateways.sms import Text as TextMessage
from harness.clock import Now

if TYPE_CHECKING:  # a phone is loaded when it is switched on, Textual when its screen lights up: many need neither
    from simulator.hands import Hands
    from simulator.phone import Language, Phone
    from simulator.securities.app import SecuritiesApp


class Handset:
    """A phone, the broker's app on it, and the hands that hold it. `owner` gets the mails and texts on it.

    It is switched on by whoever first does something with it; what arrives before waits for it.
    """

    def __init__(
        self,
        folder: Path,
        owner: Person | None,
        *,
        origin: str,
        client: httpx.AsyncClient,
        now: Now,
        language: "Language",
    ) -> None:
        self._folder = folder
        self._owner = owner
        self._origin = origin
        self._client = client
        self._now = now
        self._language: Language = language
        self._lifetime = AsyncExitStack()
        self._hands: Hands | None = None
        self._running: tuple[Phone, SecuritiesApp] | None = None
        self._on_their_way: list[Mail | TextMessage] = []

    @property
    def phone(self) -> "Phone":
        """The phone itself."""
        return self.switch_on()[0]

    @property
    def app(self) -> "SecuritiesApp":
        """The broker's app on it."""
        return self.switch_on()[1]

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
        self._running = None
        await self._lifetime.aclose()

    def deliver(self, message: Mail | TextMessage) -> None:
        """Put a message that is its owner's into the phone's mail app or among its texts, once it is on."""
        if self._owner is not None and belongs_to(message, self._owner):
            self._on_their_way.append(message)
            if self._running is not None:
                self._hand_over(self._running[0])

    def enrol(self, kind: str) -> None:
        """Let the phone's sensor know another `fingerprint` or `face`."""
        _device().enrol(self.phone, kind)

    def let_sensor_find(self, result: str) -> None:
        """What comes of the next scans: `match`, `no-match`, `cancelled` or `locked-out`."""
        _device().let_sensor_find(self.phone, result)

    def switch_on(self) -> "tuple[Phone, SecuritiesApp]":
        """The phone and the app, started from what its storage holds unless they run. Its screen stays dark."""
        if self._running is None:
            opening: AbstractContextManager[tuple[Phone, SecuritiesApp]] = _device().switched_on(
                self._folder, origin=self._origin, client=self._client, now=self._now, language=self._language
            )
            self._running = self._lifetime.enter_context(opening)
            self._hand_over(self._running[0])
        return self._running

    def _hand_over(self, phone: "Phone") -> None:
        while self._on_their_way:
            _device().deliver(self._on_their_way.pop(0), phone)


def _device() -> ModuleType:
    return importlib.import_module("harness.actors.device")


@asynccontextmanager
async def open_handset(
    folder: Path, owner: Person | None, *, origin: str, client: httpx.AsyncClient, now: Now, language: "Language"
) -> AsyncGenerator[Handset]:
    """Have a phone at hand for the block; at its end it is switched off."""
    handset = Handset(folder, owner, origin=origin, client=client, now=now, language=language)
    try:
        yield handset
    finally:
        await handset.switch_off()


def deliver_to(handsets: Iterable[Handset], message: Mail | TextMessage) -> None:
    """Hand a message to every phone whose owner it is for."""
    for handset in handsets:
        handset.deliver(message)
