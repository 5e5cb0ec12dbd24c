"""Pictures are taken while the scenario goes on, and show what was there when they were asked for."""

import asyncio
import time
from pathlib import Path

from fake_gateways.inbox import Inbox
from harness.actors.scene import Scene
from harness.actors.web import Web
from harness.clock import WorldClock
from harness.events import Event, PictureTaken
from harness.redaction import Redactor
from harness.reports.album import Album
from harness.world import photographer as module
from harness.world.photographer import Photographer


class SlowPage(Web):
    """A browser whose picture takes until somebody says so."""

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene, asyncio.get_running_loop().create_future(), "http://localhost")
        self.developed = asyncio.Event()

    @property
    def is_open(self) -> bool:
        return True

    async def picture(self) -> bytes:
        await self.developed.wait()
        return b"a picture"

    async def read(self) -> str:
        return "成功更改"


def studio(folder: Path) -> tuple[Photographer, Scene, list[Event]]:
    told: list[Event] = []
    clock = WorldClock(real_now=lambda: 1_795_000_000.0)
    scene = Scene(clock=clock, inbox=Inbox(), redactor=Redactor(), origin="http://localhost")
    album = Album(folder)
    return Photographer("T-1", scene, album=album, tell=told.append, began=time.monotonic()), scene, told


def test_who_poses_is_released_when_the_picture_is_taken_and_not_before(tmp_path: Path) -> None:
    async def play() -> None:
        photographer, scene, told = studio(tmp_path)
        page = SlowPage(scene)
        photographer.take({"web": page}, 3, "Reset")
        released = asyncio.create_task(photographer.release("web"))
        await photographer.release("phone")  # who does not pose need not wait
        assert not released.done()
        assert told == []
        page.developed.set()
        await released
        (taken,) = told
        assert isinstance(taken, PictureTaken)
        assert (taken.actor, taken.step, taken.caption, taken.text) == ("web", 3, "Reset", "成功更改")
        assert (tmp_path / taken.path).read_bytes() == b"a picture"

    asyncio.run(play())


def test_everybody_is_released_when_no_one_is_named(tmp_path: Path) -> None:
    async def play() -> None:
        photographer, scene, told = studio(tmp_path)
        pages = {name: SlowPage(scene) for name in ("web", "second")}
        photographer.take(pages, 1, "")
        for page in pages.values():
            page.developed.set()
        await photographer.release()
        assert len(told) == 2

    asyncio.run(play())


def test_a_picture_that_never_comes_does_not_keep_a_world_open(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "CLOSING_PATIENCE_SECONDS", 0.01)

    async def play() -> None:
        photographer, scene, told = studio(tmp_path)
        photographer.take({"web": SlowPage(scene)}, 1, "")
        await photographer.close()
        assert told == []

    asyncio.run(play())
