"""Finds a Chromium, and keeps one running for a whole run; every scenario gets a context of its own."""

import asyncio
import os
import shutil
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from playwright.async_api import Browser, Error, Playwright, async_playwright

from harness.errors import EnvironmentNotReady

NAMED_BY = "TWOFOLD_CHROMIUM"
INSTALLED = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-quic",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
    "--autoplay-policy=user-gesture-required",
)
CLOSING_PATIENCE_SECONDS = 10.0
HOW_TO_GET_ONE = "type: twofold set-up (or: sudo apt-get install chromium)"


def find_chromium(environ: Mapping[str, str], own: Path | None = None) -> Path | None:
    """Find the Chromium to use: the one named in TWOFOLD_CHROMIUM, an installed one, or Playwright's own.

    Raises EnvironmentNotReady when the named one is not there. None when there is none at all.
    """
    named = environ.get(NAMED_BY)
    if named:
        if not os.access(named, os.X_OK):
            raise EnvironmentNotReady(f"{NAMED_BY} names {named}, which is not a program; correct or unset it")
        return Path(named)
    for name in INSTALLED:
        if found := shutil.which(name, path=environ.get("PATH")):
            return Path(found)
    return own if own is not None and own.exists() else None


class BrowserKeeper:
    """Keeps one Chromium running, and starts another when it died."""

    def __init__(self, playwright: Playwright, program: Path | None, *, headed: bool) -> None:
        self._playwright = playwright
        self._program = program
        self._headed = headed
        self._starting: asyncio.Task[Browser] | None = None

    async def get(self) -> Browser:
        """The running Chromium. Raises EnvironmentNotReady with what to do when it cannot be started."""
        if self._starting is None or (self._starting.done() and not _alive(self._starting)):
            self.start()
        assert self._starting is not None
        return await asyncio.shield(self._starting)

    def start(self) -> None:
        """Begin to start it, without waiting."""
        self._starting = asyncio.create_task(self._launch())

    async def close(self) -> None:
        """End it. One that died, or hangs, is ended with Playwright's driver afterwards."""
        if self._starting is None:
            return
        self._starting.cancel()
        await asyncio.wait({self._starting})
        if _alive(self._starting):
            with suppress(TimeoutError, Error):
                await asyncio.wait_for(self._starting.result().close(), CLOSING_PATIENCE_SECONDS)

    async def _launch(self) -> Browser:
        if self._program is None:
            raise EnvironmentNotReady(f"no Chromium was found; {HOW_TO_GET_ONE}")
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        try:
            return await self._playwright.chromium.launch(
                executable_path=self._program,
                headless=not self._headed,
                args=[*ARGUMENTS, *sandbox],
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as trouble:
            reason = trouble.message.splitlines()[0]
            raise EnvironmentNotReady(f"{self._program} did not start ({reason}); {HOW_TO_GET_ONE}") from None


@asynccontextmanager
async def keeping_a_browser(environ: Mapping[str, str], *, headed: bool = False) -> AsyncGenerator[BrowserKeeper]:
    """Start Chromium in the background for the block; whether it started is told to who asks for it.

    Raises EnvironmentNotReady when it should be seen and there is no screen.
    """
    if headed and not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        raise EnvironmentNotReady("--headed needs a screen, and DISPLAY is not set; leave --headed out")
    async with async_playwright() as playwright:
        program = find_chromium(environ, Path(playwright.chromium.executable_path))
        keeper = BrowserKeeper(playwright, program, headed=headed)
        keeper.start()
        try:
            yield keeper
        finally:
            await keeper.close()


def _alive(starting: "asyncio.Task[Browser]") -> bool:
    """Whether a start that is over gave a browser that still runs."""
    return not starting.cancelled() and starting.exception() is None and starting.result().is_connected()
