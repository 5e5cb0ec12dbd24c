"""The page with the two QR codes by which the phone app is installed, and where they lead (M1)."""

import io
from typing import Final, Literal

import segno
from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from auth_server.pages.guard import PageRoute
from auth_server.pages.visit import AVisit

PAGE: Final = "/iweb/app"

Platform = Literal["android", "ios"]

_QUIET_ZONE_MODULES: Final = 4  # ISO/IEC 18004, 6.3.8

router = APIRouter(route_class=PageRoute)


@router.api_route(PAGE, methods=["GET", "HEAD"])
def show_codes(visit: AVisit) -> Response:
    """Show both codes."""
    origin = visit.broker.settings.origin
    return visit.page(
        "install",
        android=_picture(f"{origin}{PAGE}/android", visit.words("安卓版本的安裝二維碼")),
        ios=_picture(f"{origin}{PAGE}/ios", visit.words("蘋果版本的安裝二維碼")),
    )


@router.api_route(f"{PAGE}/{{platform}}", methods=["GET", "HEAD"])
def show_platform(visit: AVisit, platform: Platform) -> Response:
    """Tell what to do on a phone that has opened the address of a code."""
    name = "安卓版本" if platform == "android" else "蘋果版本"
    return visit.page("install_platform", platform=platform, version=visit.words(name))


def _picture(address: str, name: str) -> Markup:
    """Draw `address` as a QR code: an SVG picture, called `name` for who cannot see it."""
    written = io.BytesIO()
    segno.make_qr(address, error="m", boost_error=False).save(
        written,
        kind="svg",
        xmldecl=False,
        svgns=False,
        nl=False,
        omitsize=True,
        border=_QUIET_ZONE_MODULES,
        light="#fff",
        dark="#000",
        svgclass=None,
        lineclass=None,
    )
    drawing = Markup(written.getvalue().decode("ascii"))  # noqa: S704 - paths that segno has drawn
    return Markup('<svg role="img" aria-label="{}"').format(name) + drawing.removeprefix("<svg")
