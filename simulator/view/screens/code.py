"""A QR code on the phone's screen, so that another phone's camera can scan it off the terminal."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.mail_picture import MailPicture

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

BODY_COLUMNS: Final = 38
"""How wide a screen's body is: the phone without its edges, its margins and a scroll bar."""

_FRAME_ROWS: Final = 6
"""The status bar, the title and the bar at the bottom: an enlarged code leaves the way back free."""

_QUIET_ZONES: Final = (4, 2)
"""Modules of white around a code: what ISO/IEC 18004 asks for, and what cameras make do with."""


def drawn_code(text: str, *, words: str, columns: int, rows: int | None = None) -> MailPicture:
    """The code in the clearest way that fits into so many cells: half blocks, else sextants, half as wide.

    Every font has half blocks; sextants came with Unicode 13, and terminals draw them themselves.
    """
    from simulator.qr import half_blocks, sextants  # noqa: PLC0415 - slow to import

    ways = [way(text, quiet_zone_modules=quiet) for way in (half_blocks, sextants) for quiet in _QUIET_ZONES]
    fitting = (lines for lines in ways if len(lines[0]) <= columns and (rows is None or len(lines) <= rows))
    return MailPicture(next(fitting, ways[-1]), words=words)


class QrCodeScreen(PhoneScreen):
    """The code as large as the terminal allows, beyond the phone's edges if need be.

    Args:
        view: The phone that shows it.
        text: What the code says.
    """

    NAME: ClassVar[str] = "code"

    def __init__(self, view: "PhoneView", *, text: str) -> None:
        super().__init__(view)
        self._text = text

    @property
    def title(self) -> str:
        return self.say("二維碼")

    def body(self) -> ComposeResult:
        columns, rows = self.view.screen.size
        code = drawn_code(self._text, words=self.say("（二維碼）"), columns=columns, rows=rows - _FRAME_ROWS)
        code.set_class(code.columns > BODY_COLUMNS, "-beyond-the-phone")
        yield code
