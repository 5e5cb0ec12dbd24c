"""Turns what happens in a world into events: messages, rows of the audit trail, moves of the clock."""

import time
from collections.abc import Callable, Mapping

from fake_gateways.inbox import Message
from fake_gateways.mail import Mail
from fake_gateways.profiles import Matched, MessageProfile
from harness.actors.messages import register_secrets
from harness.actors.scene import Scene
from harness.events import ClockMoved, Event, Lane, MessageArrived, ServerNoted
from harness.targets.back_office import AuditRow, BackOffice


class Observer:
    """Watches one world on behalf of the reports. `began` is the run's begin on the monotonic clock (seconds)."""

    def __init__(
        self,
        scenario: str,
        scene: Scene,
        *,
        profiles: Mapping[str, MessageProfile],
        tell: Callable[[Event], None],
        began: float,
    ) -> None:
        self._scenario = scenario
        self._scene = scene
        self._profiles = profiles
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

    def _recognise(self, message: Message) -> tuple[str, Matched | None]:
        """The first profile that a message matches; its secrets are registered before anything shows them."""
        for name, profile in self._profiles.items():
            matched = profile.match(message, origin=self._scene.origin)
            if isinstance(matched, Matched):
                register_secrets(self._scene.redactor, matched, profile)
                return name, matched
        return "", None
