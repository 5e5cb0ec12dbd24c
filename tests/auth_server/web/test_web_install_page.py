"""The page with the two QR codes by which the phone app is installed (M1)."""

import io
import re
from typing import TYPE_CHECKING

import pytest
import segno
import zxingcpp
from PIL import Image

if TYPE_CHECKING:
    from tests.auth_server.web.conftest import Browser

NAME = "鉅亨證券 2"


def test_the_login_page_leads_to_it(browser: "Browser") -> None:
    assert '<a href="/iweb/app">安裝手機應用程式</a>' in browser.get("/cas/login").text


def test_both_codes_are_named_and_lead_to_their_pages_on_this_server(browser: "Browser") -> None:
    page = browser.get("/iweb/app").text
    assert NAME in page
    drawn = re.findall(r'<svg role="img" aria-label="([^"]+)"[^>]*>(.*?)</svg>', page)
    assert [name for name, _ in drawn] == ["安卓版本的安裝二維碼", "蘋果版本的安裝二維碼"]
    for (_, path), platform in zip(drawn, ("android", "ios"), strict=True):
        address = f"http://localhost:8000/iweb/app/{platform}"
        assert read_code(path) == address
        assert NAME in browser.get(address).text


def read_code(path: str) -> str:
    """Read the drawing of a QR code as a camera does: rows of dark runs, one unit to a module."""
    [(width, height)] = set(re.findall(r'<path fill="#fff" d="M0 0h(\d+)v(\d+)h-\d+z"/>', path))
    picture = Image.new("L", (int(width), int(height)), 255)
    [dark] = re.findall(r'<path [^>]*stroke="#000"[^>]* d="([^"]+)"|<path stroke="#000" d="([^"]+)"', path)
    x, y = 0.0, 0.0
    for command, arguments in re.findall(r"([Mmh])([^Mmh]+)", "".join(dark)):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", arguments)]
        if command == "M":
            x, y = numbers
        elif command == "m":
            x, y = x + numbers[0], y + numbers[1]
        else:
            for column in range(int(x), int(x + numbers[0])):
                picture.putpixel((column, int(y)), 0)
            x += numbers[0]
    [found] = zxingcpp.read_barcodes(picture.resize((picture.width * 8, picture.height * 8), Image.Resampling.NEAREST))
    return found.text


def test_the_reader_of_this_test_reads_what_was_drawn() -> None:
    written = io.BytesIO()
    segno.make_qr("another address").save(written, kind="svg", border=4, light="#fff")
    assert read_code(written.getvalue().decode()) == "another address"


@pytest.mark.parametrize(
    "path", ["/iweb/app/windows", "/iweb/app/android/x", "/iweb/app/../../etc", "/iweb/application"]
)
def test_there_are_no_other_versions(browser: "Browser", path: str) -> None:
    assert browser.get(path).status_code in {400, 404}
