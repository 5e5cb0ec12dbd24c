"""QR codes: reading one from a picture, and drawing one so that a real phone can scan it off the terminal."""

from io import BytesIO
from typing import Final

import segno
import zxingcpp
from PIL import Image

_FORMATS: Final = ("PNG", "JPEG", "WEBP", "GIF", "BMP")
_QR_ONLY: Final = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PIXELS_AT_MOST: Final = 40_000_000
"""Above any phone's camera; below what Pillow takes for an attempt to fill the memory."""


class PictureRefused(ValueError):
    """No single QR code can be read from this picture. The subclasses say why."""


class NotAPicture(PictureRefused):
    """The bytes are not a picture of a known format, are cut short, or have more than 40 million pixels."""


class NoCode(PictureRefused):
    """There is no readable QR code in the picture."""


class SeveralCodes(PictureRefused):
    """There is more than one QR code in the picture: which is meant is not the phone's to guess."""


def read_codes(picture: bytes) -> tuple[str, ...]:
    """The texts of all QR codes in a picture (a file's bytes), in reading order; empty when there is none.

    Raises `NotAPicture`. A large photo takes a few tenths of a second: call it off the event loop.
    """
    grey = _as_grey(picture)
    plane = memoryview(grey.tobytes()).cast("B", (grey.height, grey.width))
    found = zxingcpp.read_barcodes(plane, formats=_QR_ONLY, text_mode=zxingcpp.TextMode.Plain)
    found.sort(key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return tuple(code.text for code in found)


def read_code(picture: bytes) -> str:
    """The text of the one QR code in a picture. Raises `NotAPicture`, `NoCode` or `SeveralCodes`."""
    match read_codes(picture):
        case (code,):
            return code
        case ():
            raise NoCode("there is no QR code in the picture")
        case codes:
            raise SeveralCodes(f"there are {len(codes)} QR codes in the picture")


def half_blocks(picture: bytes | str, *, quiet_zone_modules: int = 4) -> list[str]:
    """A QR code as lines of half-block characters, one module to a column and two to a line.

    `picture` is a picture that holds one QR code, or the text that the code is to say. Dark modules are the drawn ones
    (`█ ▀ ▄`) and light ones are blank, so the lines are to be shown black on white. The quiet zone of four modules is
    what ISO/IEC 18004 asks for; a real camera reads one of two. A code of version v has 17 + 4 v modules to a side.

    Raises what `read_code` raises.
    """
    text = picture if isinstance(picture, str) else read_code(picture)
    # Without the mark for UTF-8 (ECI 26) a reader has to guess, and takes some Chinese for Japanese.
    code = segno.make_qr(text, error="l", encoding="utf-8", eci=not text.isascii(), boost_error=False)
    rows = [[bool(module) for module in row] for row in code.matrix_iter(scale=1, border=quiet_zone_modules)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(" ▄▀█"[2 * upper + lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(rows[::2], rows[1::2], strict=True)
    ]


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
