"""Line breaking for a narrow column of mixed Chinese and Latin text, measured in terminal cells.

Chinese may break between any two characters, save that a line never begins with closing punctuation nor ends with
opening punctuation (W3C, Requirements for Chinese Text Layout, "prohibition rules for line start and line end").
Latin words break at spaces; one that is wider than the column breaks where it must.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size

_CLOSING = "，。、：；！？）」』》〉】〕％”’…·,.:;!?)%"
_OPENING = "（「『《〈【〔“‘("
_ATOM = re.compile(r"\s+|[⺀-鿿豈-﫿︰-﹏＀-￯]|[^\s⺀-鿿豈-﫿︰-﹏＀-￯]+")


@lru_cache(maxsize=512)
def wrap(text: str, width: int) -> tuple[str, ...]:
    """The lines that `text` takes in a column `width` cells wide; at least one.

    A line that was indented keeps its indent on its first line only.
    """
    return tuple(line for paragraph in text.split("\n") for line in _wrap_paragraph(paragraph, max(width, 2)))


def _wrap_paragraph(paragraph: str, width: int) -> Iterator[str]:
    line = ""
    used = 0
    for piece in _pieces(paragraph):
        cells = cell_len(piece)
        if used + cells <= width:
            line += piece
            used += cells
            continue
        if piece.isspace():
            continue
        if line.strip():
            yield line.rstrip()
            line, used = "", 0
        for part in _folded(piece, width):
            if line:
                yield line
            line, used = part, cell_len(part)
    yield line.rstrip()


def _pieces(paragraph: str) -> Iterator[str]:
    """What must stay together: a word or a character with the punctuation that clings to it, or a run of spaces."""
    held = ""
    for atom in _ATOM.findall(paragraph):
        if held and (held[-1] in _OPENING or atom[0] in _CLOSING) and not atom.isspace():
            held += atom
            continue
        if held:
            yield held
        held = atom
    if held:
        yield held


def _folded(piece: str, width: int) -> Iterator[str]:
    """`piece` in parts that each fit, cut wherever the column ends."""
    part = ""
    used = 0
    for character in piece:
        cells = get_character_cell_size(character)
        if used + cells > width:
            yield part
            part, used = "", 0
        part += character
        used += cells
    yield part
