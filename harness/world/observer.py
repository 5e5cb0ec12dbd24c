"""Turns what happens in a world into events: messages, pictures, rows of the audit trail, moves of the clock."""

import time
from collections.abc import Callable, Mapping
from typing import ClassVar

from playwright.async_api import Error

from fake_gateways.inbox import Message
from fake_gateways.mail import Mail
from fake_gateways.profiles import Matched, MessageProfile
from harness.actors.messages import register_secrets
from harness.actors.phone import Phone
from harness.actors.scene import Scene
from harness.actors.web import Web
from harness.errors import TwofoldError
from harness.events import ClockMoved, Event, Lane, MessageArrived, PictureTaken, ServerNoted
from harness.reports.album import Album
from harness.steps import Actor
from harness.targets.back_office import AuditRow, BackOffice


class Observer:
    """Watches one world on behalf of the reports. `began` is the run's begin on the monotonic clock (seconds)."""

    SVG: ClassVar[str] = "image/svg+xml"
    JPEG: ClassVar[str] = "image/jpeg"

    def __init__(
        self,
        scenario: str,
        scene: Scene,
        *,
        profiles: Mapping[str, MessageProfile],
        album: Album,
        tell: Callable[[Event], None],
        began: float,
    ) -> None:
        self._scenario = scenario
        self._scene = scene
        self._profiles = profiles
        self._album = album
        self._tell = tell
        self._began = began
        self._clock_was = scene.clock.now()
        self._last_row = 0

    @property
    def elapsed(self) -> float:
        """Seconds since the run began, on the monotonic clock."""
        return time.monotonic() - self._began

    def message_arrived(self, message: Message) -> None:
        """Tell of a mail or text, its secrets hidden."""
        profile, matched = self._recognise(message)
        redact = self._scene.redactor.redact
        values = {name: redact(value) for name, value in matched.values.items()} if matched else {}
        is_mail = isinstance(message, Mail)
        self._tell(
            MessageArrived(
                elapsed=self.elapsed,
                at=message.received_at,
                scenario=self._scenario,
                lane=Lane.MAIL if is_mail else Lane.SMS,
                number=message.number,
                sender=str(message.sender),
                recipient=", ".join(message.recipients),
                subject=redact(message.subject) if is_mail else "",
                text=redact(message.readable if is_mail else message.text),
                profile=profile,
                values=values,
            )
        )

    async def clock_moved(self, to: float) -> None:
        """Tell of a move of the world's clock."""
        self._tell(ClockMoved(elapsed=self.elapsed, at=self._clock_was, scenario=self._scenario, to=to))
        self._clock_was = to

    async def read_audit(self, back_office: BackOffice) -> tuple[AuditRow, ...]:
        """Tell of the rows that the server noted since the last look, and return them."""
        rows = await back_office.audit(after=self._last_row)
        for row in rows:
            self._last_row = max(self._last_row, row.number)
            self._tell(
                ServerNoted(
                    elapsed=self.elapsed,
                    at=row.at,
                    scenario=self._scenario,
                    event=row.event,
                    result=row.result,
                    reason=row.reason,
                    account=row.account,
                )
            )
        return rows

    async def take_pictures(self, actors: Mapping[str, Actor], step: int, caption: str) -> None:
        """Keep what each phone and browser shows. A browser that is gone has no picture; that is told elsewhere."""
        if not self._album.open:
            return
        for name, actor in actors.items():
            if isinstance(actor, Phone):
                if not actor.handset.is_lit:
                    continue
                hands = await actor.handset.in_hand()
                content = self._scene.redactor.redact(hands.picture(covered=True)).encode()
                self._keep(name, Lane.PHONE, self.SVG, content, "\n".join(hands.texts()), step, caption)
            elif isinstance(actor, Web) and actor.is_open:
                try:
                    content, text = await actor.picture(), await actor.read()
                except (Error, TwofoldError):
                    continue
                self._keep(name, Lane.BROWSER, self.JPEG, content, text, step, caption)

    def _keep(self, actor: str, lane: Lane, media: str, content: bytes, text: str, step: int, caption: str) -> None:
        self._tell(
            PictureTaken(
                elapsed=self.elapsed,
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

    def _recognise(self, message: Message) -> tuple[str, Matched | None]:
        """The first profile that a message matches; its secrets are registered before anything shows them."""
        for name, profile in self._profiles.items():
            matched = profile.match(message, origin=self._scene.origin)
            if isinstance(matched, Matched):
                register_secrets(self._scene.redactor, matched, profile)
                return name, matched
        return "", None
