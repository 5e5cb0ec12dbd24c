"""The customer's browser, as an actor: fills, clicks and reads pages as a person would, by what is written on them."""

import asyncio
import difflib
import re
from collections.abc import Awaitable
from typing import ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from playwright.async_api import Error, Locator, Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from harness.actors.scene import Scene
from harness.errors import EnvironmentNotReady, StepFailed
from harness.events import Lane
from harness.steps import Actor, Label, Secret, Text, Url, step

Result = TypeVar("Result")

TOUCHABLE = "button, a[href], [role=button], input[type=submit]"
HIDDEN_IN_PICTURES = "input { -webkit-text-security: disc !important; }"


class Web(Actor):
    """One browser of one person, with its own cookies."""

    kind: ClassVar[str] = "web"
    noun: ClassVar[str] = "browser"
    lane: ClassVar[Lane] = Lane.BROWSER

    def __init__(self, scene: Scene, opening: Awaitable[Page], origin: str) -> None:
        self._scene = scene
        self._opening = opening
        self._page: Page | None = None
        self._origin = origin
        self._crashed = False

    @property
    def is_open(self) -> bool:
        """Whether the browser has been used."""
        return self._page is not None

    @property
    def page(self) -> Page:
        """The page, once a step has come to it."""
        assert self._page is not None
        return self._page

    async def come(self) -> Page:
        """Come to the page; the first step waits until the browser has opened it."""
        if self._page is None:
            with self._scene.waiting():
                page = await asyncio.shield(self._opening)
            page.on("crash", self._note_crash)
            self._page = page
        return self._page

    @step("{web} opens {address}")
    async def open(self, address: Url) -> None:
        """Open a page: a path of the server under test, or a whole address such as a link from a mail."""
        await self.come()
        self._scene.acts()
        whole = address if urlsplit(address).scheme else f"{self._origin}{address}"
        try:
            await self._patiently(self.page.goto(whole, wait_until="load", timeout=self._timeout))
        except PlaywrightTimeout:
            raise StepFailed(f"the page did not load within {self._scene.patience_seconds:g} s") from None
        except Error as trouble:
            raise self._lost(trouble) or StepFailed(f"the page did not open: {_reason(trouble)}") from None

    @step("{web} fills “{field}” with {with}")
    async def fill(self, *, field: Label, with_: Text) -> None:
        """Write into the field with this label, in place of what stands in it."""
        await self.come()
        self._scene.touches()
        await self._fill(field, with_)

    @step("{web} fills “{field}” with {code} as {as}")
    async def fill_code(self, *, field: Label, code: Secret, as_: Literal["right", "wrong"] = "right") -> None:
        """Write a code into the field with this label: as it is, or made wrong by changing each of its digits."""
        await self.come()
        self._scene.touches()
        await self._fill(field, code if as_ == "right" else code.translate(_OTHER_DIGITS))

    @step("{web} clicks “{label}”")
    async def click(self, label: Label) -> None:
        """Click the button or link with these words. Where none has just these, the one that contains them."""
        await self.come()
        self._scene.acts()
        target = await self._touchable(label)
        try:
            await self._patiently(target.click(timeout=self._timeout))
            await self._patiently(self.page.wait_for_load_state("domcontentloaded", timeout=self._timeout))
        except PlaywrightTimeout:
            if await self._is_disabled(target):
                raise StepFailed(
                    f"“{label}” is disabled on the page {self._path}", expected="a button to click"
                ) from None
            raise StepFailed(
                f"“{label}” could not be clicked within {self._scene.patience_seconds:g} s: "
                "something covers it, or the page did not load"
            ) from None
        except Error as trouble:
            raise self._lost(trouble) or StepFailed(f"“{label}” could not be clicked: {_reason(trouble)}") from None

    @step("{web} shows {text}")
    async def sees(self, text: Text) -> None:
        """Check that the page shows this text, waiting for it if need be."""
        await self.come()
        try:
            with self._scene.waiting():
                await self._patiently(self._showing(text).wait_for(state="visible", timeout=self._timeout))
        except PlaywrightTimeout:
            shown = await self.read()
            raise StepFailed(
                f"the page {self._path} does not show “{text}”{await self._complaint()}",
                expected=text,
                seen=shown,
                candidates=tuple(difflib.get_close_matches(text, shown.splitlines(), n=3, cutoff=0.4)),
            ) from None

    @step("{web} does not show {text}")
    async def not_sees(self, text: Text) -> None:
        """Check that the page, as it stands now, does not show this text."""
        await self.come()
        if await self._patiently(self._showing(text).count()):
            raise StepFailed(f"the page {self._path} shows “{text}”", expected=f"no “{text}”", seen=await self.read())

    @step("{web} is at {path}")
    async def url(self, path: Url) -> None:
        """Check where the browser is, by the path of its address, waiting for it if need be."""
        await self.come()
        try:
            with self._scene.waiting():
                await self._patiently(
                    self.page.wait_for_url(
                        lambda at: urlsplit(at).path == path, wait_until="commit", timeout=self._timeout
                    )
                )
        except PlaywrightTimeout:
            raise StepFailed(
                f"the page stayed at {self._path}{await self._complaint()}", expected=path, seen=self._path
            ) from None

    @step("{web} refuses what stands in “{field}” and says {says}")
    async def refused(self, *, field: Label, says: Text) -> None:
        """Check that the field is marked as wrong, and that its own message says so."""
        await self.come()
        target = self.page.get_by_label(field, exact=True)
        try:
            with self._scene.waiting():
                await self._patiently(
                    target.and_(self.page.locator("[aria-invalid=true]")).wait_for(timeout=self._timeout)
                )
        except PlaywrightTimeout:
            raise StepFailed(f"“{field}” is not marked as wrong{await self._complaint()}", expected=says) from None
        message = await self._message_of(target)
        if says not in message:
            raise StepFailed(f"the message of “{field}” says something else", expected=says, seen=message)

    @step("{web} cannot press “{label}”")
    async def disabled(self, label: Label) -> None:
        """Check that a button is there but cannot be pressed."""
        await self.come()
        if await (await self._touchable(label)).is_enabled():
            raise StepFailed(f"“{label}” can be pressed", expected="a disabled button", seen="an enabled one")

    @step("{web} presses the key {key}")
    async def press(self, key: Text) -> None:
        """Press a key, such as Tab, Enter or Escape."""
        await self.come()
        self._scene.acts()
        await self._patiently(self.page.keyboard.press(key))

    @step("{web} goes back", waits=False)
    async def back(self) -> None:
        """Press the browser's back button."""
        await self.come()
        self._scene.acts()
        await self._patiently(self.page.go_back())

    @step("{web} loads the page again", waits=False)
    async def reload(self) -> None:
        """Press the browser's reload button."""
        await self.come()
        self._scene.acts()
        await self._patiently(self.page.reload())

    async def read(self) -> str:
        """All that the page shows, as text."""
        try:
            return await self.page.locator("body").inner_text(timeout=1000)
        except Error:
            return ""

    async def picture(self) -> bytes:
        """What the page looks like (JPEG); what stands in its fields shows as bullets."""
        return await self.page.screenshot(type="jpeg", quality=70, style=HIDDEN_IN_PICTURES, animations="disabled")

    @property
    def _path(self) -> str:
        return urlsplit(self.page.url).path or self.page.url

    @property
    def _timeout(self) -> float:
        """The step's patience, in the milliseconds that Playwright counts in."""
        return max(self._scene.patience_seconds * 1000, 1)

    def _showing(self, text: str) -> Locator:
        return self.page.get_by_text(text).filter(visible=True).first

    async def _fill(self, field: str, text: str) -> None:
        target = self.page.get_by_label(field, exact=True)
        try:
            await self._patiently(target.fill(text, timeout=self._timeout))
        except PlaywrightTimeout:
            labels = await self._labels()
            raise StepFailed(
                f"the page {self._path} has no field “{field}” that can be filled", expected=field, candidates=labels
            ) from None
        except Error as trouble:
            raise self._lost(trouble) or StepFailed(f"“{field}” could not be filled: {_reason(trouble)}") from None

    async def _touchable(self, label: str) -> Locator:
        """The one button or link with these words; else the one whose words contain them."""
        whole = re.compile(rf"^\s*{re.escape(label)}\s*$")
        page = self.page
        for name in (whole, re.compile(re.escape(label))):
            found = page.get_by_role("button", name=name).or_(page.get_by_role("link", name=name)).filter(visible=True)
            count = await self._patiently(found.count())
            if not count and name is whole:
                continue
            if count > 1:
                raise StepFailed(f"“{label}” could be {count} buttons or links on the page {self._path}")
            if count == 1:
                return found
            try:
                with self._scene.waiting():
                    await self._patiently(found.wait_for(timeout=self._timeout))
            except PlaywrightTimeout:
                break
            return found
        names = await self._names()
        raise StepFailed(
            f"the page {self._path} has no button or link “{label}”{await self._complaint()}",
            expected=label,
            candidates=tuple(difflib.get_close_matches(label, names, n=3, cutoff=0.1)) or names[:5],
        )

    async def _is_disabled(self, target: Locator) -> bool:
        """Whether a button is still there and cannot be pressed."""
        return bool(await self._patiently(target.count())) and await self._patiently(target.is_disabled())

    async def _message_of(self, field: Locator) -> str:
        """The text of what describes the field (`aria-describedby`)."""
        described_by = await self._patiently(field.get_attribute("aria-describedby")) or ""
        texts = [await self.page.locator(f"[id='{name}']").inner_text() for name in described_by.split()]
        return " ".join(texts)

    async def _names(self) -> tuple[str, ...]:
        texts = await self._patiently(self.page.locator(TOUCHABLE).all_inner_texts())
        return tuple(dict.fromkeys(" ".join(text.split()) for text in texts if text.strip()))

    async def _labels(self) -> tuple[str, ...]:
        texts = await self._patiently(self.page.locator("label").all_inner_texts())
        return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))

    async def _complaint(self) -> str:
        """What the page itself complains of, as the end of a sentence."""
        texts = await self._patiently(self.page.locator("[role=alert]").all_inner_texts())
        said = " ".join(" ".join(text.split()) for text in texts if text.strip())
        return f": {said}" if said else ""

    async def _patiently(self, asked: Awaitable[Result]) -> Result:
        """Await the browser; a browser that has died is trouble of the environment, not of the server under test."""
        try:
            return await asked
        except PlaywrightTimeout:
            raise
        except Error as trouble:
            if lost := self._lost(trouble):
                raise lost from None
            raise

    def _lost(self, trouble: Error) -> EnvironmentNotReady | None:
        if (
            self._crashed
            or self.page.is_closed()
            or "has been closed" in trouble.message
            or "crashed" in trouble.message
        ):
            return EnvironmentNotReady(
                "the browser died; run the scenario again, and look at the memory of this machine"
            )
        return None

    def _note_crash(self, _: Page) -> None:
        self._crashed = True


_OTHER_DIGITS = str.maketrans("0123456789", "5678901234")


def _reason(trouble: Error) -> str:
    """The first line of Playwright's message, without its call log."""
    return trouble.message.splitlines()[0].removeprefix("Page.goto: ")
