"""The phone as lines of text, for a screen reader or a pipe: what the screen says, and what can be done, numbered.

Whoever uses it has the same phone in the same hands as everybody else: nothing is done behind the screen's back.
"""

import re
from collections.abc import Awaitable, Callable
from typing import Final

from simulator.cannot_touch import CannotTouch
from simulator.hands import Hands
from simulator.labels import Label
from simulator.language import translate
from simulator.phone import Banner, Phone
from simulator.view.plain import plain

PATIENCE_SECONDS: Final = 15.0
"""Longer than the broker's app waits for its server."""

_NUMBER: Final = re.compile(r"[0-9]{1,3}")

Ask = Callable[[str, bool], Awaitable[str | None]]
"""Shows a prompt and gives the line that was typed, without its end; None when there are no more. Is it a secret?"""


class ReadAloud:
    """One phone, read out and told what to do line by line.

    Args:
        phone: The phone.
        hands: The hands that hold it.
        ask: Asks for a line.
        tell: Says a line.
    """

    def __init__(self, phone: Phone, hands: Hands, *, ask: Ask, tell: Callable[[str], None]) -> None:
        self._phone = phone
        self._hands = hands
        self._ask = ask
        self._tell = tell
        self._announced: tuple[Banner, ...] = ()
        hands.patience_seconds = PATIENCE_SECONDS

    async def play(self, *, ended: Callable[[], bool]) -> None:
        """Read out and obey until there are no more lines, `q`, or `ended` says so."""
        end_listening = self._phone.subscribe(self._announce)
        try:
            self._tell(self._say("輸入編號以按下或填寫；? 說明。"))
            listed = await self._read_out()
            while (line := await self._ask("> ", False)) is not None and line.strip() != "q":
                try:
                    await self._obey(line.strip(), listed)
                except CannotTouch:
                    self._tell(self._say("電話仍在等候，或畫面已改變。"))
                if ended():
                    return
                listed = await self._read_out()
        finally:
            end_listening()

    async def _obey(self, line: str, listed: tuple[Label, ...]) -> None:
        match line:
            case "":
                pass
            case "b":
                await self._hands.back()
            case "h":
                await self._hands.home()
            case "n":
                await self._hands.shade()
            case "?":
                self._tell(self._say("編號：按下或填寫。b 返回，h 主畫面，n 通知，Enter 再讀一次，q 離開。"))
            case _ if _NUMBER.fullmatch(line) and 1 <= int(line) <= len(listed):
                await self._do(listed[int(line) - 1])
            case _:
                self._tell(self._say("沒有此編號。輸入 ? 以閱讀說明。"))

    async def _do(self, label: Label) -> None:
        if not label.enabled:
            self._tell(self._say("現在未能按下。"))
        elif label.is_field:
            text = await self._ask(f"{plain(label.text)}: ", label.is_secret)
            if text is not None:
                await self._hands.type(into=label.text, text=text)
        else:
            await self._hands.tap(label.text, id=label.id)

    async def _read_out(self) -> tuple[Label, ...]:
        """Say what the screen says, and give what can be touched, in the order of its numbers."""
        try:
            await self._hands.rest()
        except CannotTouch:
            self._tell(self._say("電話仍在等候。按 Enter 再讀一次。"))
        self._tell("")
        self._tell("  ".join(self._hands.status))
        listed: list[Label] = []
        for part in self._hands.reading():
            said = plain("  ".join(part.said))
            if part.label is None:
                if said:
                    self._tell(said)
                continue
            listed.append(part.label)
            kind = f" [{self._say('填寫')}]" if part.label.is_field else ""
            unable = "" if part.label.enabled else f" [{self._say('未能按下')}]"
            self._tell(f"{len(listed)}. {said}{kind}{unable}")
        return tuple(listed)

    def _announce(self) -> None:
        """Say at once what has come: a screen reader has no corner of an eye."""
        for banner in self._phone.shade:
            if banner not in self._announced:
                self._tell(plain(f"{self._say('新通知')}: {banner.title}: {' '.join(banner.text.split())}"))
        self._announced = self._phone.shade

    def _say(self, words: str) -> str:
        return translate(words, self._phone.language)
