"""QR codes: reading them from a picture, and drawing one so that a real phone can scan it off the terminal."""

from io import BytesIO
from typing import Final, cast

import segno
import zxingcpp
from PIL import Image, ImageChops

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_QR_ONLY: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PIXELS_AT_MOST: Final = 40_000_000
"""Above any phone's camera; below what Pillow takes for an attempt to fill the memory."""

_SHARP_EDGE: Final = 0.35
"""How much of a picture's contrast lies between two neighbouring pixels somewhere, if it is sharp enough to be read."""

_LIKE_NOTHING: Final = 16
"""Shades of grey between the darkest and the lightest place of a picture that shows nothing at all."""


class PictureRefused(ValueError):
    """No single QR code can be read from this picture. The subclasses say why."""


class NotAPicture(PictureRefused):
    """The bytes are not a picture of a known format, are cut short, or have more than 40 million pixels."""


class NoCode(PictureRefused):
    """There is no readable QR code in the picture."""


class Blurred(NoCode):
    """There is something like a QR code, or nothing has a sharp edge: the picture was taken too badly to be read."""


class SeveralCodes(PictureRefused):
    """There is more than one QR code in the picture: which is meant is not the phone's to guess."""


def read_codes(picture: bytes) -> tuple[str, ...]:
    """The texts of all QR codes in a picture (a file's bytes), in reading order; empty when there is none.

    Raises `NotAPicture`. A large photo takes a few tenths of a second: call it off the event loop.
    """
    return _read(_as_grey(picture))


def read_some(picture: bytes) -> tuple[str, ...]:
    """As `read_codes`, but says why there is none: raises `NoCode`, `Blurred` or `NotAPicture`."""
    grey = _as_grey(picture)
    found = _read(grey)
    if not found:
        raise Blurred("the picture is not sharp enough") if _is_blurred(grey) else NoCode("there is no QR code in it")
    return found


def read_code(picture: bytes) -> str:
    """The text of the one QR code in a picture. Raises `NotAPicture`, `NoCode`, `Blurred` or `SeveralCodes`."""
    match read_some(picture):
        case (code,):
            return code
        case codes:
            raise SeveralCodes(f"there are {len(codes)} QR codes in the picture")


def half_blocks(picture: bytes | str, *, quiet_zone_modules: int = 4) -> list[str]:
    """A QR code as lines of half-block characters, one module to a column and two to a line.

    `picture` is a picture that holds one QR code, or the text that the code is to say. Dark modules are the drawn ones
    (`█ ▀ ▄`) and light ones are blank, so the lines are to be shown black on white. The quiet zone of four modules is
    what ISO/IEC 18004 asks for; a real camera reads one of two. A code of version v has 17 + 4 v modules to a side.

    Raises what `read_code` raises.
    """
    return _in_cells(_modules(picture, quiet_zone_modules), columns=1, rows=2, glyphs=" ▀▄█")


def sextants(picture: bytes | str, *, quiet_zone_modules: int = 4) -> list[str]:
    """As `half_blocks`, but two modules to a column and three to a line: for where half blocks are too wide.

    The characters are Unicode 13's block sextants, which terminals draw themselves. A module is then a quarter higher
    than wide, as a square is that one looks at from 41 degrees; cameras read that.
    """
    return _in_cells(_modules(picture, quiet_zone_modules), columns=2, rows=3, glyphs=_SEXTANTS)


_SEXTANTS: Final = "".join(
    {0: " ", 21: "▌", 42: "▐", 63: "█"}.get(dots) or chr(0x1FB00 + dots - 1 - (dots > 21) - (dots > 42))
    for dots in range(64)
)
"""By the bits of their six parts, the upper left one first; four of them had been in Unicode before the others came."""


def _modules(picture: bytes | str, quiet_zone_modules: int) -> list[list[bool]]:
    """The modules of a code in rows, dark ones True, with the quiet zone around."""
    text = picture if isinstance(picture, str) else read_code(picture)
    # Without the mark for UTF-8 (ECI 26) a reader has to guess, and takes some Chinese for Japanese.
    code = segno.make_qr(text, error="l", encoding="utf-8", eci=not text.isascii(), boost_error=False)
    return [[bool(module) for module in row] for row in code.matrix_iter(scale=1, border=quiet_zone_modules)]


def _in_cells(modules: list[list[bool]], *, columns: int, rows: int, glyphs: str) -> list[str]:
    """Modules as characters that hold `columns` × `rows` of them each; light ones fill up what is short."""
    side = len(modules)

    def glyph(x: int, y: int) -> str:
        parts = ((x + part % columns, y + part // columns) for part in range(columns * rows))
        dark = (px < side and py < side and modules[py][px] for px, py in parts)
        return glyphs[sum(is_dark << part for part, is_dark in enumerate(dark))]

    return ["".join(glyph(x, y) for x in range(0, side, columns)) for y in range(0, side, rows)]


def _read(grey: Image.Image) -> tuple[str, ...]:
    found = zxingcpp.read_barcodes(_as_plane(grey), formats=_QR_ONLY, text_mode=zxingcpp.TextMode.Plain)
    found.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return tuple(code.text for code in found)


def _is_blurred(grey: Image.Image) -> bool:
    """Whether a code in the picture could not be read for want of sharpness: one is made out, or nothing is sharp."""
    if zxingcpp.read_barcodes(_as_plane(grey), formats=_QR_ONLY, return_errors=True):
        return True
    darkest, lightest = _extremes(grey)
    contrast = lightest - darkest
    return contrast > _LIKE_NOTHING and max(_edge(grey, 1, 0), _edge(grey, 0, 1)) < _SHARP_EDGE * contrast


def _edge(grey: Image.Image, right: int, down: int) -> int:
    """The greatest difference between a pixel and the one so many to the right and down."""
    here = grey.crop((0, 0, grey.width - right, grey.height - down))
    there = grey.crop((right, down, grey.width, grey.height))
    return _extremes(ImageChops.difference(here, there))[1]


def _extremes(grey: Image.Image) -> tuple[int, int]:
    """The darkest and the lightest value."""
    return cast("tuple[int, int]", grey.getextrema())


def _as_plane(grey: Image.Image) -> memoryview:
    return memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))


def _as_grey(picture: bytes) -> Image.Image:
    try:
        with Image.open(BytesIO(picture), formats=_FORMATS) as opened:
            if opened.width * opened.height > _PIXELS_AT_MOST:
                raise NotAPicture(f"the picture has more than {_PIXELS_AT_MOST} pixels")
            solid = Image.new("RGBA", opened.size, "white")
            solid.alpha_composite(opened.convert("RGBA"))
            return solid.convert("L")
    except NotAPicture:
        raise
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise NotAPicture("these bytes are not a picture that the phone can open") from error
