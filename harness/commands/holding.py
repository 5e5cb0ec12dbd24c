"""Keeps something open for a person to look at, until Enter is pressed."""

import asyncio
import sys

from harness.world.world import World


async def hold(scenario: str, world: World) -> None:
    """Print where everything is, and wait for Enter. The terminal is its owner's: the passwords show in clear."""
    lines = [f"{scenario} is kept open:", f"  server    {world.origin}/cas/login", f"  messages  {world.messages_page}"]
    lines += [
        f"  {customer.alias:<9} {customer.account}  {customer.password or '(no password yet)'}  PIN {customer.pin}"
        for customer in world.customers.values()
    ]
    print("\n".join([*lines, "Enter ends it."]), flush=True)  # noqa: T201 - for the terminal
    await until_ended()


async def until_ended() -> None:
    """Wait for a line on the terminal; where there is none, for ever: until the caller is cancelled."""
    loop = asyncio.get_running_loop()
    pressed: asyncio.Future[None] = loop.create_future()
    if not sys.stdin.isatty():
        await pressed
        return

    def read() -> None:
        sys.stdin.readline()
        if not pressed.done():
            pressed.set_result(None)

    loop.add_reader(sys.stdin, read)
    try:
        await pressed
    finally:
        loop.remove_reader(sys.stdin)
