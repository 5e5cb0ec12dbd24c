"""`twofold run`, its beginning: starts Chromium at once, and loads everything else while it starts."""

import asyncio
import gc
import importlib
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import ModuleType

from harness.browsers import keeping_a_browser
from harness.commands.exit_codes import ExitCode
from harness.commands.options import RunOptions
from harness.errors import EnvironmentNotReady


def run(options: RunOptions) -> ExitCode:
    """Play the scenarios and return the exit code. Raises TwofoldError for what the person at the terminal can mend."""
    if options.keep and not sys.stdin.isatty():
        raise EnvironmentNotReady("--keep waits for Enter and needs a terminal; leave --keep out")
    try:
        return asyncio.run(_run(options, time.monotonic()))
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED


async def _run(options: RunOptions, began: float) -> ExitCode:
    """The imports and checks of a run take about as long as a browser's start: they go side by side."""
    loading = asyncio.create_task(asyncio.to_thread(_load, options))
    async with keeping_a_browser(options.environ, headed=options.headed) as keeper:
        playing, prepared = await loading
        return await playing.play(options, prepared, keeper, began)


def _load(options: RunOptions) -> tuple[ModuleType, object]:
    """Import what plays, and prepare the play: a second's work, done while the browser starts."""
    with _loading_quickly():
        playing = importlib.import_module("harness.commands.playing")
        return playing, playing.prepare(options)


@contextmanager
def _loading_quickly() -> Generator[None]:
    """Leave out what loading would do for nothing, for the length of a block.

    Nothing of what is loaded is ever garbage: the collector would walk through it a dozen times on the way, and later
    again whenever it looks at everything. httpx brings a command line of its own, with three libraries for it. The
    browser's start, on the loop's thread, has its turn every millisecond.
    """
    gc.disable()
    sys.modules.setdefault("httpx._main", None)  # pyright: ignore[reportArgumentType] - None stands for "not there"
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.001)
    try:
        _load_models_of_openapi()
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.freeze()
        gc.enable()


def _load_models_of_openapi() -> None:
    """Load FastAPI with the forty models that describe an API left to be built by whoever asks for a description."""
    from pydantic import BaseModel, ConfigDict  # noqa: PLC0415 - like everything else, while the browser starts

    built_at_once, BaseModel.model_config = BaseModel.model_config, ConfigDict(defer_build=True)
    try:
        importlib.import_module("fastapi.openapi.models")
    finally:
        BaseModel.model_config = built_at_once
