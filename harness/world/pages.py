"""Opens a browser's page for a world in the background: the first steps need not wait for it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from playwright.async_api import BrowserContext, Error, Page, ViewportSize

from harness.clock import WorldClock
from harness.errors import EnvironmentNotReady
from harness.world.surroundings import Surroundings

CLOSING_PATIENCE_SECONDS = 5.0
VIEWPORT: ViewportSize = {"width": 1100, "height": 800}


@asynccontextmanager
async def opening_page(around: Surroundings, clock: WorldClock) -> AsyncGenerator[Awaitable[Page]]:
    """Begin to open a page in a context of its own, its `Date` following the world's clock, until the end of the block.

    Awaiting what it gives raises EnvironmentNotReady when there is no browser.
    """
    async with AsyncExitStack() as stack:
        opening = asyncio.create_task(_open(stack, around, clock))
        try:
            yield opening
        finally:
            opening.cancel()
            await asyncio.wait({opening})
            if not opening.cancelled():
                opening.exception()  # told to whoever waited for the page, and to nobody if nobody did


async def _open(stack: AsyncExitStack, around: Surroundings, clock: WorldClock) -> Page:
    browser = await around.browser()
    try:
        context = await browser.new_context(locale="zh-HK", timezone_id="Asia/Hong_Kong", viewport=VIEWPORT)
        stack.push_async_callback(_close_quietly, context)
        if clock.virtual:

            async def follow(to: float) -> None:
                await context.clock.set_fixed_time(to * 1000)

            clock.on_move(follow)
            await follow(clock.now())
        return await context.new_page()
    except Error as trouble:
        raise EnvironmentNotReady(f"the browser gave no page: {trouble.message.splitlines()[0]}") from None


async def _close_quietly(context: BrowserContext) -> None:
    """Close a context; one whose browser is gone is closed already."""
    with suppress(Error, TimeoutError):
        await asyncio.wait_for(context.close(), CLOSING_PATIENCE_SECONDS)
