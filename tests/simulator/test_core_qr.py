"""QR codes in and out: what a camera reads, and what a real phone reads off the terminal."""

import zlib
from io import BytesIO

import pytest
import segno
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from simulator.qr import (
    Blurred,
    NoCode,
    NotAPicture,
    SeveralCodes,
    half_blocks,
    read_code,
    read_codes,
    read_some,
    sextants,
)

REGISTRATION = "TWOFOLD1?c=" + "A2B3C" * 4 + "&u=http%3A%2F%2Flocalhost%3A8000&k=q1w2e3r4t5y&s=" + "Ab-_9" * 19


def _png(text: str, *, scale: int = 4, **colours: object) -> bytes:
    file = BytesIO()
    segno.make(text, micro=False).save(file, kind="png", scale=scale, **colours)
    return file.getvalue()


def test_the_mails_code_is_read_from_its_picture():
    assert read_code(_png(REGISTRATION)) == REGISTRATION


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP"])
def test_a_photo_of_any_usual_format_turned_and_smaller_is_read(kind):
    photo = Image.open(BytesIO(_png(REGISTRATION, scale=8))).convert("L").resize((333, 333)).rotate(90)
    file = BytesIO()
    photo.save(file, kind)
    assert read_code(file.getvalue()) == REGISTRATION


def test_a_transparent_background_counts_as_white():
    assert read_code(_png("hello", dark="black", light=None)) == "hello"


def test_chinese_in_a_code_is_read_as_it_was_written():
    assert read_code(_png("鉅亨證券")) == "鉅亨證券"


def test_no_code_two_codes_and_no_picture_are_told_apart():
    blank, both = BytesIO(), BytesIO()
    Image.new("RGB", (300, 300), "white").save(blank, "PNG")
    one = Image.open(BytesIO(_png("one"))).convert("L")
    two = Image.open(BytesIO(_png("two"))).convert("L")
    pair = Image.new("L", (one.width + two.width, one.height), 255)
    pair.paste(one, (0, 0))
    pair.paste(two, (one.width, 0))
    pair.save(both, "PNG")
    assert read_codes(blank.getvalue()) == ()
    assert read_codes(both.getvalue()) == ("one", "two")
    with pytest.raises(NoCode):
        read_code(blank.getvalue())
    with pytest.raises(SeveralCodes):
        read_code(both.getvalue())
    whole = _png("whole")
    for bytes_ in (b"", b"hello", whole[: len(whole) // 2], whole[:20], b"<svg/>", b"%!PS-Adobe-3.0"):
        with pytest.raises(NotAPicture):
            read_codes(bytes_)


@pytest.mark.parametrize("side", [7000, 12_000, 60_000])
def test_a_picture_that_would_fill_the_memory_is_refused_by_its_size_alone(side):
    # A PNG's first chunk tells its size; the little that follows is never unpacked.
    small = _png("hello")
    header = b"IHDR" + side.to_bytes(4, "big") * 2 + small[24:29]
    huge = small[:12] + header + zlib.crc32(header).to_bytes(4, "big") + small[33:]
    with pytest.raises(NotAPicture):
        read_codes(huge)


@pytest.mark.parametrize("quiet_zone", [1, 2, 4])
def test_half_blocks_of_the_mails_code_scan_back_off_the_terminal(kit, quiet_zone):
    lines = half_blocks(_png(REGISTRATION), quiet_zone_modules=quiet_zone)
    assert len({len(line) for line in lines}) == 1
    assert set("".join(lines)) <= set(" ▀▄█")
    (found,) = zxingcpp.read_barcodes(_as_plane(kit.photographed(lines)))
    assert found.text == REGISTRATION


@settings(max_examples=25, deadline=None)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=60))
def test_half_blocks_of_any_text_scan_back(kit, text):
    (found,) = zxingcpp.read_barcodes(_as_plane(kit.photographed(half_blocks(text))), text_mode=zxingcpp.TextMode.Plain)
    assert found.text == text


@pytest.mark.parametrize("quiet_zone", [1, 2, 4])
@pytest.mark.parametrize("cell", [(7, 14), (8, 18), (10, 24)])
def test_sextants_of_the_mails_code_scan_back_off_the_terminal_whatever_its_font_size(kit, quiet_zone, cell):
    lines = sextants(_png(REGISTRATION), quiet_zone_modules=quiet_zone)
    assert {len(line) for line in lines} == {-(-(49 + 2 * quiet_zone) // 2)}
    (found,) = zxingcpp.read_barcodes(_as_plane(kit.photographed(lines, cell=cell)))
    assert found.text == REGISTRATION


@pytest.mark.parametrize("text", ["1", "hello", "鉅亨證券", "A" * 150, "b" * 300])
def test_sextants_of_codes_of_any_size_scan_back(kit, text):
    picture = _as_plane(kit.photographed(sextants(text), cell=(8, 16)))
    (found,) = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
    assert found.text == text


@pytest.mark.parametrize("radius", [4, 6, 10])
def test_a_blurred_code_is_told_from_none(radius):
    sharp = Image.open(BytesIO(_png(REGISTRATION, scale=5, border=4))).convert("L")
    file = BytesIO()
    sharp.filter(ImageFilter.GaussianBlur(radius)).save(file, "PNG")
    with pytest.raises(Blurred):
        read_some(file.getvalue())


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_nothing_is_not_blurred(shade):
    file = BytesIO()
    Image.new("L", (200, 200), shade).save(file, "PNG")
    with pytest.raises(NoCode) as refused:
        read_some(file.getvalue())
    assert not isinstance(refused.value, Blurred)


def test_a_sharp_picture_without_a_code_is_not_blurred():
    drawing = Image.new("L", (200, 200), 255)
    drawing.paste(0, (50, 50, 150, 150))
    file = BytesIO()
    drawing.save(file, "PNG")
    with pytest.raises(NoCode) as refused:
        read_some(file.getvalue())
    assert not isinstance(refused.value, Blurred)


def test_half_blocks_of_a_picture_without_a_code_are_refused():
    file = BytesIO()
    Image.new("RGB", (100, 100), "white").save(file, "PNG")
    with pytest.raises(NoCode):
        half_blocks(file.getvalue())


def _as_plane(picture: Image.Image) -> memoryview:
    return memoryview(picture.tobytes()).cast("B", (picture.height, picture.width))
