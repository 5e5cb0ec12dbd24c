"""The QR code of the registration mail: the code and who issued it, signed, and never a seed (M16, M17)."""

import io
from typing import Final
from urllib.parse import quote

import segno

from auth_server.encoding import to_base64url
from auth_server.signatures import ServerKey

_MODULE_PIXELS: Final = 6
_QUIET_ZONE_MODULES: Final = 4  # ISO/IEC 18004, 6.3.8


def registration_text(code: str, origin: str, server_key: ServerKey) -> str:
    """Write what the QR code holds: ``TWOFOLD1?c=CODE&u=ORIGIN&k=KEY_ID&s=SIGNATURE``; see docs/phone-api.md."""
    signed = f"TWOFOLD1?c={code}&u={quote(origin, safe='')}&k={server_key.key_id}"
    return f"{signed}&s={to_base64url(server_key.sign(signed.encode('ascii')))}"


def registration_picture(text: str) -> bytes:
    """Draw `text` as a QR code: PNG bytes, six pixels a module, four modules of quiet zone."""
    picture = io.BytesIO()
    code = segno.make_qr(text, error="m", boost_error=False)
    code.save(picture, kind="png", scale=_MODULE_PIXELS, border=_QUIET_ZONE_MODULES)
    return picture.getvalue()
