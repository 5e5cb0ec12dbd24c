"""The phone as a picture (SVG) and as lines of text, cut out of whatever app it is shown in."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from html import escape
from itertools import groupby

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from simulator.view.box_glyphs import CELL_HEIGHT, CELL_WIDTH, drawn, is_drawn
from simulator.view.phone_view import PhoneView
from simulator.view.widgets.readable import Leaf

_FONT_SIZE = 16
_BASELINE = 15.5
_GAPLESS = re.compile(r"\S+(?: \S+)*")

COVER = "·"
"""What stands, cell by cell, in place of a secret."""

FONTS = (
    "'DejaVu Sans Mono', 'Menlo', 'Consolas', "
    "'Noto Sans Mono CJK TC', 'Noto Sans Mono CJK HK', 'Sarasa Mono TC', 'PingFang TC', 'MingLiU', monospace"
)
"""Monospaced fonts as systems have them installed, Latin before Chinese; nothing is ever loaded from elsewhere."""


def lines_of(view: PhoneView) -> list[str]:
    """What the terminal shows of the phone, line by line."""
    return [strip.text for strip in _strips_of(view)]


def picture_of(view: PhoneView, *, covered: bool = False) -> str:
    """What the terminal shows of the phone, as an SVG document of its own that names installed fonts only.

    `covered` leaves out what is a secret by its shape and not by its letters: the token's digits, pictures in mails.
    """
    strips = _strips_of(view)
    if covered:
        strips = _without(strips, _secrets_of(view))
    width, height = view.region.width * CELL_WIDTH, len(strips) * CELL_HEIGHT
    ground = view.background_colors[1].hex6
    shapes = "".join(shape for row, strip in enumerate(strips) for shape in _line(row * CELL_HEIGHT, strip, ground))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="{escape(FONTS)}" font-size="{_FONT_SIZE}">'
        f'<rect width="{width}" height="{height}" fill="{ground}"/>{shapes}</svg>'
    )


def _secrets_of(view: PhoneView) -> Iterator[Region]:
    """Where on the phone a secret is drawn, as far as it is in sight."""
    for secret in (leaf for leaf in view.query(Leaf) if leaf.IS_DRAWN_SECRET):
        yield view.screen.find_widget(secret).visible_region.translate(-view.region.offset)


def _without(strips: Sequence[Strip], regions: Iterable[Region]) -> Sequence[Strip]:
    """The same lines, with nothing but a pattern in these regions."""
    kept = list(strips)
    for region in regions:
        for y in range(max(region.y, 0), min(region.bottom, len(kept))):
            cover = Strip([Segment(COVER * region.width)], region.width)
            kept[y] = Strip.join([kept[y].crop(0, region.x), cover, kept[y].crop(region.right, kept[y].cell_length)])
    return kept


def _strips_of(view: PhoneView) -> Sequence[Strip]:
    region = view.region
    shown = view.within(partial(_strips_of_screen, view.screen))[region.y : region.bottom]
    return [strip.crop(region.x, region.right).simplify() for strip in shown]


def _strips_of_screen(screen: Screen[object]) -> list[Strip]:
    compositor = screen._compositor  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - Textual shows it to nobody
    return compositor.render_strips()


def _line(y: float, strip: Strip, ground: str) -> Iterator[str]:
    x = 0.0
    for text, style, _ in strip:
        width = cell_len(text) * CELL_WIDTH
        fore, back = _colours(style or Style.null(), ground)
        if back != ground:
            yield f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{CELL_HEIGHT}" fill="{back}"/>'
        yield from _run(x, y, text, fore, bold=bool(style and style.bold))
        x += width


def _run(x: float, y: float, text: str, colour: str, *, bold: bool) -> Iterator[str]:
    """Shapes of one run of one style: boxes drawn, words set, each pinned to its columns."""
    for kind, characters in groupby(text, key=lambda character: character if is_drawn(character) else ""):
        part = "".join(characters)
        width = cell_len(part) * CELL_WIDTH
        if kind:
            yield drawn(kind, len(part), x, y, colour)
        else:
            yield from _words(x, y, part, colour, bold=bold)
        x += width


def _words(x: float, y: float, text: str, colour: str, *, bold: bool) -> Iterator[str]:
    """Text without a gap of two or more blanks inside: pages that hold the picture would close it up."""
    weight = ' font-weight="700"' if bold else ""
    for match in _GAPLESS.finditer(text):
        words = match.group()
        start = x + cell_len(text[: match.start()]) * CELL_WIDTH
        yield (
            f'<text x="{start:g}" y="{y + _BASELINE:g}" textLength="{cell_len(words) * CELL_WIDTH}" '
            f'fill="{colour}"{weight}>{escape(words, quote=False)}</text>'
        )


def _colours(style: Style, ground: str) -> tuple[str, str]:
    fore = style.color.get_truecolor().hex if style.color else "#808080"
    back = style.bgcolor.get_truecolor().hex if style.bgcolor and not style.bgcolor.is_default else ground
    return (back, fore) if style.reverse else (fore, back)
