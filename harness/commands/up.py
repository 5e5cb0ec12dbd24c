"""`twofold up`: server, gateways and a ready customer, for a person who plays the journey by hand."""

import asyncio
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from fake_gateways.gateways import open_gateways
from fake_gateways.listening import DoorNotOpened
from harness.commands.exit_codes import ExitCode
from harness.commands.holding import until_ended
from harness.errors import EnvironmentNotReady
from harness.plan.chance import draw
from harness.targets.back_office import BackOffice
from harness.targets.customers import Customer, CustomerMaker
from harness.targets.target import load_target
from harness.world.accounts import DEFAULT_PIN
from harness.world.opening import http_client
from harness.world.server import open_server

ALIAS = "chan"


def up(port: int, messages_port: int, target: str, seed: str, environ: Mapping[str, str]) -> ExitCode:
    """Serve until Enter or Ctrl-C. Raises EnvironmentNotReady, such as when a port is taken."""
    try:
        asyncio.run(_up(port, messages_port, target, seed, environ))
    except KeyboardInterrupt:
        print()  # noqa: T201 - the shell's prompt belongs on a line of its own
    except DoorNotOpened as trouble:
        raise EnvironmentNotReady(str(trouble)) from None
    return ExitCode.PASSED


async def _up(port: int, messages_port: int, target: str, seed: str, environ: Mapping[str, str]) -> None:
    described = load_target(target)
    with tempfile.TemporaryDirectory(prefix="twofold-") as folder:
        async with (
            open_gateways(now=time.time, http_port=messages_port) as gateways,
            open_server(
                described,
                gateways,
                Path(folder),
                now=time.time,
                real_now=time.time,
                environ=environ,
                port=port,
            ) as server,
            http_client(server.origin, server.back_office_key) as client,
        ):
            gateways.desk.explain_by(described.profiles.values(), origin=server.origin)
            password = draw("password", ALIAS, seed)
            customer = CustomerMaker(seed).make(ALIAS, password=password, pin=DEFAULT_PIN, language="zh-Hant")
            await BackOffice(client).create(customer)
            print(_directions(customer, server.origin, gateways.http_origin), flush=True)  # noqa: T201
            await until_ended()


def _directions(customer: Customer, origin: str, messages: str) -> str:
    """What a person must know to play the journey by hand. These secrets are made for this terminal alone."""
    owner = f"{customer.email},{customer.phone}"
    ending = "Enter or Ctrl-C ends it." if sys.stdin.isatty() else "Ctrl-C ends it."
    return f"""\
web login   {origin}/cas/login
messages    {messages}
customer    {customer.account}   {customer.name}
password    {customer.password}
phone       twofold phone --server {origin} --messages {messages} --owner "{owner}"

{ending}"""
