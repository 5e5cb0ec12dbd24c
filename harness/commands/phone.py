"""`twofold phone`: a customer's phone, in this terminal or as lines of text."""

import asyncio
import importlib
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from harness.commands.exit_codes import ExitCode
from harness.errors import EnvironmentNotReady, TwofoldError
from simulator.phone import Language, Phone
from simulator.storage import Storage, StorageError

if TYPE_CHECKING:
    from simulator.read_aloud import Ask
    from simulator.securities.app import SecuritiesApp

_ADDRESS = re.compile(r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^/?#@:\s\[\]]+)(?::[0-9]{1,5})?")

FULL_STORAGE_SECONDS = 5.0
"""How long messages wait for a phone that has no room for them."""


class NotAnAddress(TwofoldError):
    """An option should be a server's address, and is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneOptions:
    """What `twofold phone` was asked for.

    `messages` is the gateways' desk, empty for a phone that gets no messages; `owner` the mail address and number
    whose messages come to it; `folder` where it keeps its data, None for a phone that is new and forgotten at the end;
    `installed` whether a new phone has the broker's app on it (M1).
    """

    server: str
    messages: str
    owner: tuple[str, ...]
    folder: Path | None
    language: Language
    light: bool
    installed: bool
    form: Literal["screen", "plain"]


_OpenApp = Callable[[], "SecuritiesApp"]
"""Has the broker's app: loading it takes as long as the phone's first picture, which shows nothing of it."""

_Show = Callable[[Phone, _OpenApp, PhoneOptions], Awaitable[bool]]
"""Shows a phone until it goes off. Answers whether it is to be switched on again."""


@dataclass(slots=True)
class _Switch:
    """Whether the phone is to be switched on again when it has gone off."""

    again: bool = False


def phone(options: PhoneOptions) -> ExitCode:
    """Be the phone until it is closed.

    Raises EnvironmentNotReady when there is no terminal to show it in or the folder is another phone's, NotAnAddress
    for a server that cannot be one.
    """
    if not _ADDRESS.fullmatch(options.server):
        raise NotAnAddress("--server: a server's address is scheme, host and port, such as https://broker.example:8443")
    served = "WebDriver" in os.environ.get("TEXTUAL_DRIVER", "")
    if options.form == "screen" and not served and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise EnvironmentNotReady("twofold phone is a screen and needs a terminal; --plain needs none")
    try:
        asyncio.run(_switched_on(options))
    except StorageError as trouble:
        if served:
            _show_trouble(str(trouble))
        raise EnvironmentNotReady(f"the phone's data cannot be used: {trouble}") from None
    return ExitCode.PASSED


async def _switched_on(options: PhoneOptions) -> None:
    """Have the phone on until it is switched off for good; each start is from what its storage holds."""
    with ExitStack() as stack:
        show: _Show = _on_the_screen
        if options.form == "plain":
            from simulator.typed_lines import reading_lines  # noqa: PLC0415 - a screen has no lines

            show = partial(_in_lines, stack.enter_context(reading_lines()))
        throw_away = stack.enter_context(tempfile.TemporaryDirectory(prefix="twofold-phone-"))
        again = True
        while again:
            with Storage(options.folder or Path(throw_away)) as storage:
                again = await _until_off(options, storage, show)


async def _until_off(options: PhoneOptions, storage: Storage, show: _Show) -> bool:
    """Show the phone until it goes off. Answers whether it is to be switched on again."""
    async with AsyncExitStack() as stack:
        device = Phone(storage, now=time.time, language=options.language, installed=options.installed)

        @cache
        def open_app() -> "SecuritiesApp":
            return _broker_app(device, options.server, stack)

        if options.messages:
            post = asyncio.create_task(_bring_post(device, options))
            stack.callback(post.cancel)
        return await show(device, open_app, options)


def _broker_app(device: Phone, origin: str, stack: AsyncExitStack) -> "SecuritiesApp":
    """The broker's app on the phone; what it sends goes through the phone's radio, until the stack is closed."""
    import httpx  # noqa: PLC0415 - all of it is loaded when it is needed

    from simulator.radio import Radio  # noqa: PLC0415
    from simulator.securities.app import SecuritiesApp  # noqa: PLC0415
    from simulator.securities.http_api import HttpBrokerApi  # noqa: PLC0415

    trusts_nobody = origin.startswith("http://")  # reading the machine's certificates takes a tenth of a second
    beyond = httpx.AsyncHTTPTransport(verify=not trusts_nobody)
    client = httpx.AsyncClient(transport=Radio(device, beyond), trust_env=False)
    stack.push_async_callback(client.aclose)
    return SecuritiesApp(device, HttpBrokerApi(origin, client, language=device.language))


async def _on_the_screen(device: Phone, open_app: _OpenApp, options: PhoneOptions) -> bool:
    from simulator.view.app import PhoneApp  # noqa: PLC0415 - the lines bring their own

    switch = _Switch()

    def restart() -> None:
        switch.again = True
        app.exit()

    async def load_the_brokers_app() -> None:
        """Before a finger comes to it."""
        await app.ready.wait()
        await asyncio.to_thread(importlib.import_module, "simulator.securities.app")

    app = PhoneApp(device, open_app, light=options.light, restart=restart)
    loading = asyncio.create_task(load_the_brokers_app())
    try:
        await app.run_async()
    finally:
        loading.cancel()
    if app.failure is not None:
        raise app.failure
    return switch.again


async def _in_lines(ask: "Ask", device: Phone, open_app: _OpenApp, options: PhoneOptions) -> bool:
    from simulator.hands import phone_in_hand  # noqa: PLC0415 - a screen needs none of it
    from simulator.read_aloud import ReadAloud  # noqa: PLC0415

    switch = _Switch()

    def restart() -> None:
        switch.again = True

    async with phone_in_hand(device, open_app(), light=options.light, restart=restart) as hands:
        reader = ReadAloud(device, hands, ask=ask, tell=lambda line: print(line, flush=True))  # noqa: T201
        await reader.play(ended=lambda: switch.again)
    return switch.again


async def _bring_post(device: Phone, options: PhoneOptions) -> None:
    """Bring mails and texts until cancelled; a phone that has no room for them gets them when it has."""
    import httpx  # noqa: PLC0415 - loaded for a phone that gets messages

    from harness.world.post import bring_post  # noqa: PLC0415

    async with httpx.AsyncClient(base_url=options.messages, trust_env=False) as desk:
        while True:
            with suppress(StorageError):
                await bring_post(device, desk, options.owner)
            await asyncio.sleep(FULL_STORAGE_SECONDS)


def _show_trouble(trouble: str) -> None:
    """In a browser nobody sees what is printed."""
    from simulator.view.trouble import TroubleApp  # noqa: PLC0415 - only then

    TroubleApp(trouble).run()
