"""The floor of a run's start: a script that starts Playwright and Chromium, and prints when it had a browser."""

import asyncio
import os
import time

from playwright.async_api import async_playwright

from harness.browsers import ARGUMENTS, find_chromium


async def main() -> None:
    """Start Chromium as a run does, print the time (Unix seconds), and end it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=find_chromium(os.environ), args=[*ARGUMENTS, "--no-sandbox"]
        )
        print(time.time())
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
