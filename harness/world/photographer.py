"""Takes the pictures of a scenario while it goes on: whoever poses must not move until the picture is taken."""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Final

from playwright.async_api import Error

from harness.actors.phone import Phone
from harness.actors.scene import Scene
from harness.actors.web import Web
from harness.errors import TwofoldError
from harness.events import Event, Lane, PictureTaken
from harness.reports.album import Album
from harness.steps import Actor

SVG: Final = "image/svg+xml"
JPEG: Final = "image/jpeg"
CLOSING_PATIENCE_SECONDS: Final = 5.0


class Photographer:
    """Keeps what phones and browsers show. `began` is the run's begin on the monotonic clock (seconds)."""

    def __init__(
        self, scenario: str, scene: Scene, *, album: Album, tell: Callable[[Event], None], began: float
    ) -> None:
        self._scenario = scenario
        self._scene = scene
        self._album = album
        self._tell = tell
        self._began = began
        self._posing = dict[str, asyncio.Task[None]]()

    def take(self, actors: Mapping[str, Actor], step: int, caption: str) -> None:
        """Begin to take a picture of each of these actors that has something to show; none of them may be posing."""
        if not self._album.open:
            return
        for name, actor in actors.items():
            if isinstance(actor, Phone) and actor.handset.is_lit:
                self._posing[name] = asyncio.create_task(self._phone(name, actor, step, caption))
            elif isinstance(actor, Web) and actor.is_open:
                self._posing[name] = asyncio.create_task(self._page(name, actor, step, caption))

    async def release(self, *names: str) -> None:
        """Wait until the pictures of these actors are taken, or of all when none is named."""
        for name in names or tuple(self._posing):
            if (posing := self._posing.pop(name, None)) is not None:
                await posing

    async def close(self) -> None:
        """Wait for the last pictures; one that does not come in time is given up.

        Raises ReportNotWritten when one could not be kept.
        """
        if not self._posing:
            return
        taken, late = await asyncio.wait(self._posing.values(), timeout=CLOSING_PATIENCE_SECONDS)
        for posing in late:
            posing.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for posing in taken:
            posing.result()

    async def _phone(self, name: str, actor: Phone, step: int, caption: str) -> None:
        hands = await actor.handset.in_hand()
        content = self._scene.redactor.redact(hands.picture(covered=True)).encode()
        self._keep(name, Lane.PHONE, SVG, content, "\n".join(hands.texts()), step, caption)

    async def _page(self, name: str, actor: Web, step: int, caption: str) -> None:
        """A browser that is gone has no picture; that is told elsewhere."""
        try:
            content, text = await actor.picture(), await actor.read()
        except (Error, TwofoldError):
            return
        self._keep(name, Lane.BROWSER, JPEG, content, text, step, caption)

    def _keep(self, actor: str, lane: Lane, media: str, content: bytes, text: str, step: int, caption: str) -> None:
        self._tell(
            PictureTaken(
                elapsed=time.monotonic() - self._began,
                at=self._scene.clock.now(),
                scenario=self._scenario,
                lane=lane,
                actor=actor,
                step=step,
                caption=caption,
                path=self._album.keep(self._scenario, actor, media, content),
                media=media,
                text=self._scene.redactor.redact(text),
            )
        )
