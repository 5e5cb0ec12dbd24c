"""The QR code in the mail: the registration code, who issued it, and the issuer's signature. Never a seed."""

import re
from typing import Final
from urllib.parse import unquote

from simulator.securities.keys import verify
from simulator.securities.registration_code import RegistrationCodeError, read_registration_code
from simulator.strict_json import from_base64url

_FORM: Final = re.compile(
    r"(?P<signed>TWOFOLD1\?c=(?P<code>[A-Z2-7-]{20,23})&u=(?P<origin>[A-Za-z0-9._~%-]{1,512})"
    r"&k=(?P<key_id>[A-Za-z0-9_-]{1,64}))&s=(?P<signature>[A-Za-z0-9_-]{1,128})"
)
_OTHER_VERSION: Final = re.compile(r"TWOFOLD(?!1\?)[0-9]{1,4}\?")


class RegistrationQrError(ValueError):
    """This QR code is not one to bind with. The subclasses say why; none of them repeats it."""


class NotARegistrationQr(RegistrationQrError):
    """Another app's QR code, or a text that only looks like ours."""


class OfAnotherVersion(RegistrationQrError):
    """A registration QR code in a form that this app does not know."""


class OfAnotherServer(RegistrationQrError):
    """Issued by a server other than the one this app belongs to."""


class NotSignedByServer(RegistrationQrError):
    """The signature is not the server's: forged, or touched on the way."""


def read_registration_qr(text: str, *, origin: str, key_id: str, public_key: bytes) -> str:
    """The registration code (20 characters) of `TWOFOLD1?c=CODE&u=ORIGIN&k=KEY_ID&s=SIGNATURE` (docs/phone-api.md).

    Only one that was issued by the server given is taken: `origin` its address, `public_key` its key of that id (65
    bytes, SEC 1 uncompressed point). Raises a `RegistrationQrError`.
    """
    form = _FORM.fullmatch(text)
    if form is None:
        raise OfAnotherVersion("of another version") if _OTHER_VERSION.match(text) else NotARegistrationQr("not ours")
    if unquote(form["origin"], errors="replace") != origin:
        raise OfAnotherServer("issued by another server")
    signature = from_base64url(form["signature"])
    if form["key_id"] != key_id or signature is None or not verify(public_key, signature, form["signed"].encode()):
        raise NotSignedByServer("not signed by the server that this app belongs to")
    try:
        return read_registration_code(form["code"])
    except RegistrationCodeError as error:
        raise NotARegistrationQr("signed, and yet without a registration code") from error
