"""The pictures of a run, each kept once, small enough to travel inside the page."""

import base64
import hashlib
import json
import re
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from harness.events import PictureTaken

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_DRAWING_NUMBER = re.compile(r"terminal-\d+")
"""Textual and Rich number the style classes of each drawing by a hash; apart from it, like screens are alike."""

_LINE_ENDS = re.compile(r">\s*\n\s*<")
"""White space between tags that lays out the file; within a line it may be text."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """An SVG picture and the words on it. Drawings travel together, packed."""

    svg: str
    words: str


@dataclass(slots=True)
class PictureShelf:
    """Reads the pictures of a report's folder and gives each content one number.

    A drawing's number is even, a photograph's odd, so that neither needs to know how many of the other there are.
    """

    folder: Path
    drawings: list[Drawing] = field(default_factory=list[Drawing])
    photographs: list[str] = field(default_factory=list[str])
    """Data URIs (RFC 2397)."""
    _numbers: dict[bytes, int] = field(default_factory=dict[bytes, int])

    def number_of(self, picture: PictureTaken) -> int | None:
        """The picture's number on the page; `None` when its file is not there."""
        try:
            data = (self.folder / picture.path).read_bytes()
        except OSError:
            return None
        if picture.media == "image/svg+xml":
            drawing = Drawing(slimmed(data.decode("utf-8", "replace")), picture.text)
            key = hashlib.sha256(drawing.svg.encode("utf-8", "surrogatepass")).digest()
            if key not in self._numbers:
                self._numbers[key] = 2 * len(self.drawings)
                self.drawings.append(drawing)
        else:
            key = hashlib.sha256(data).digest()
            if key not in self._numbers:
                self._numbers[key] = 2 * len(self.photographs) + 1
                self.photographs.append(data_uri(picture.media, data))
        return self._numbers[key]

    def source_of(self, number: int) -> str:
        """The picture as a data URI, for where it must show without a script."""
        if number % 2:
            return self.photographs[number // 2]
        return data_uri("image/svg+xml", self.drawings[number // 2].svg.encode("utf-8", "replace"))

    def words_of(self, number: int) -> str:
        """What can be read on a drawing; empty for a photograph."""
        return "" if number % 2 else self.drawings[number // 2].words

    def drawings_by_number(self) -> dict[str, tuple[str, str]]:
        """Each drawing with its words, those that are alike next to each other."""
        order = sorted(range(len(self.drawings)), key=lambda index: (self.drawings[index].words, index))
        return {str(2 * index): (self.drawings[index].svg, self.drawings[index].words) for index in order}


def packed(things: object) -> str:
    """JSON as base64 of raw DEFLATE (RFC 1951), which a browser can unpack by itself.

    DEFLATE finds what was said up to 32 KiB before: a screen that stands next to one that differs in a word takes
    some hundred bytes instead of ten thousand.
    """
    squeeze = zlib.compressobj(level=9, wbits=-15)
    text = json.dumps(things, separators=(",", ":"))
    return base64.b64encode(squeeze.compress(text.encode()) + squeeze.flush()).decode()


def data_uri(media: str, data: bytes) -> str:
    """Data as an address that holds it (RFC 2397)."""
    return f"data:{media};base64,{base64.b64encode(data).decode()}"


def slimmed(svg: str) -> str:
    """A drawing without what a picture in a page has no use for: web fonts, comments, numbered names, white space."""
    for pattern, instead in ((_COMMENT, ""), (_FONT_FACE, ""), (_DRAWING_NUMBER, "t"), (_LINE_ENDS, "><")):
        svg = pattern.sub(instead, svg)
    return svg.strip()
