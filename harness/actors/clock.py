"""The clock of a world, as an actor: moves the time for everybody at once."""

from typing import ClassVar

from harness.actors.scene import Scene
from harness.errors import StepFailed
from harness.events import Lane
from harness.steps import Actor, Duration, step


class Clock(Actor):
    """Moves the world's time."""

    kind: ClassVar[str] = "clock"
    noun: ClassVar[str] = "clock"
    lane: ClassVar[Lane] = Lane.CLOCK

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    @step("move the clock forward by {by}", waits=False, requires="clock")
    async def advance(self, by: Duration) -> None:
        """Move the time of phone, server, gateways and browser forward. Nobody waits: the time is simply later."""
        try:
            await self._scene.clock.advance(by)
        except ValueError as trouble:
            raise StepFailed(str(trouble)) from None
