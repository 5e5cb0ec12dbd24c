"""`twofold phone`: a customer's phone in this terminal."""

import asyncio
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from harness.commands.exit_codes import ExitCode
from harness.errors import EnvironmentNotReady, TwofoldError
from harness.world.opening import http_client
from harness.world.post import bring_post
from simulator.phone import Language, Phone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage, StorageError
from simulator.view.app import PhoneApp


class NotAnAddress(TwofoldError):
    """An option should be a server's address, and is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneOptions:
    """What `twofold phone` was asked for.

    `messages` is the gateways' desk, empty for a phone that gets no messages; `owner` the mail address and number
    whose messages come to it; `folder` where it keeps its data, None for a phone that is new and forgotten at the end.
    """

    server: str
    messages: str
    owner: tuple[str, ...]
    folder: Path | None
    language: Language
    light: bool


def phone(options: PhoneOptions) -> ExitCode:
    """Show the phone until it is closed.

    Raises EnvironmentNotReady when there is no terminal or the folder is another phone's, NotAnAddress for a server
    that cannot be one.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise EnvironmentNotReady("twofold phone is a screen for a person and needs a terminal")
    try:
        asyncio.run(_show(options))
    except StorageError as trouble:
        raise EnvironmentNotReady(f"the phone's data cannot be used: {trouble}") from None
    return ExitCode.PASSED


async def _show(options: PhoneOptions) -> None:
    async with AsyncExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="twofold-phone-")))
        device = Phone(stack.enter_context(Storage(folder)), now=time.time, language=options.language)
        client = await stack.enter_async_context(http_client(options.server))
        try:
            api = HttpBrokerApi(options.server, client, language=options.language)
        except ValueError as trouble:
            raise NotAnAddress(f"--server: {trouble}") from None
        if options.messages:
            desk = await stack.enter_async_context(http_client(options.messages))
            post = asyncio.create_task(bring_post(device, desk, options.owner))
            stack.callback(post.cancel)
        app = PhoneApp(device, SecuritiesApp(device, api), light=options.light)
        await app.run_async()
        if app.failure is not None:
            raise app.failure
