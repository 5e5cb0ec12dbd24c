"""Those who play one scenario, and what the runner asks of them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from harness.actors.clock import Clock
from harness.actors.scene import Scene
from harness.steps import Actor
from harness.targets.back_office import BackOffice
from harness.targets.customers import Customer
from harness.world.observer import Observer
from harness.world.photographer import Photographer


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The actors of one scenario, its customers, and what they share.

    `origin` is the server's address, `messages_page` where a person reads the mails and texts that were sent.
    """

    scene: Scene
    origin: str
    messages_page: str
    back_office: BackOffice
    customers: Mapping[str, Customer]
    actors: Mapping[str, Actor]
    observer: Observer
    photographer: Photographer

    def now(self) -> float:
        """The time on the world's clock (Unix seconds)."""
        return self.scene.clock.now()

    def allow(self, patience_seconds: float) -> None:
        """Say how long the step that comes next may wait."""
        self.scene.patience_seconds = patience_seconds
        self.scene.waited_seconds = 0.0

    @property
    def waited_seconds(self) -> float:
        """How much of its time the last step spent waiting."""
        return self.scene.waited_seconds

    async def look_around(self) -> str:
        """Read what the server noted, if anything was done since the last look. The last refusal in it, else empty."""
        if not self.scene.stirred:
            return ""
        self.scene.stirred = False
        rows = await self.observer.read_audit(self.back_office)
        refused = [row for row in rows if row.result == "refused"]
        return f"the server noted {refused[-1].event}: {refused[-1].reason or 'refused'}" if refused else ""

    async def release(self, actor: str) -> None:
        """Wait until this actor may move: its picture may be being taken. When the clock moves, everybody's is."""
        if isinstance(self.actors[actor], Clock):
            await self.photographer.release()
        else:
            await self.photographer.release(actor)

    async def take_pictures(self, step: int, caption: str, actors: Collection[str]) -> None:
        """Begin to keep what the phones and browsers among these actors show now; who poses is soon released."""
        await self.photographer.release(*actors)
        self.photographer.take({name: actor for name, actor in self.actors.items() if name in actors}, step, caption)
