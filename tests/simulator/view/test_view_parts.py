"""The view's parts that need no terminal: line breaking, plain text, codes in messages, stacks, drawn digits."""

import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from simulator.view.box_glyphs import drawn as drawn_glyph
from simulator.view.box_glyphs import is_drawn
from simulator.view.copying import codes_in, links_in
from simulator.view.plain import plain
from simulator.view.stacks import Stacks
from simulator.view.typesetting import wrap
from simulator.view.widgets.big_digits import drawn

MIXED = st.text(alphabet="鉅亨證券，。「」（）ab1- \n", max_size=60)


def test_chinese_breaks_anywhere_but_before_closing_and_after_opening_punctuation():
    assert wrap("保安編碼器，已啟用。", 10) == ("保安編碼", "器，已啟", "用。")
    assert wrap("按「同意」後", 4) == ("按", "「同", "意」", "後")


def test_latin_words_break_at_spaces_and_only_else_where_they_must():
    assert wrap("one-time codes", 9) == ("one-time", "codes")
    assert wrap("abcdefghij", 4) == ("abcd", "efgh", "ij")


def test_empty_lines_and_indents_stay():
    assert wrap("a\n\n  b", 10) == ("a", "", "  b")


@given(MIXED, st.integers(4, 20))
def test_no_line_is_wider_than_its_column_and_no_word_is_lost(text, width):
    lines = wrap(text, width)
    assert all(cell_len(line) <= width for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


@given(st.text(max_size=40))
def test_plain_text_holds_nothing_that_a_terminal_obeys(text):
    seen = set(plain(text)) - set("\n\u200c\u200d")
    assert not {unicodedata.category(character) for character in seen} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_plain_text_shows_that_something_was_there():
    assert plain("a\x1bb\u202ec\r\nd\te") == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c\nd  e"


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("註冊編碼：\nABCDE-FGHIJ-KLMNO-PQRST", ("ABCDE-FGHIJ-KLMNO-PQRST",)),
        ("啟用保安編碼器的驗證碼是 281704，5分鐘內有效。電話 2122 8800。", ("281704",)),
        ("Your one-time code is 004512. Never share it.", ("004512",)),
        ("帳號 9999-9990，金額 281704 元，請致電 21228800", ()),
        ("編號 1234567", ()),
        ("XABCDE-FGHIJ-KLMNO-PQRST", ()),
    ],
)
def test_codes_are_known_by_what_stands_before_them_and_not_by_their_length_alone(text, codes):
    assert codes_in(text) == codes


def test_links_end_where_the_sentence_goes_on():
    assert links_in("請瀏覽 https://a.example/x?y=1。或 http://b.example.") == (
        "https://a.example/x?y=1",
        "http://b.example",
    )
    assert links_in("", '<a href="https://a.example/?a=1&amp;b=2">按此</a>') == ("https://a.example/?a=1&b=2",)


def test_digits_are_three_lines_high_with_a_gap_in_the_middle():
    assert drawn("283704") == (
        "╺━┓ ┏━┓ ╺━┓   ╺━┓ ┏━┓ ╻ ╻",
        "┏━┛ ┣━┫  ━┫     ┃ ┃ ┃ ┗━┫",
        "┗━╸ ┗━┛ ╺━┛     ╹ ┗━┛   ╹",
    )


@pytest.mark.parametrize("digit", "0123456789")
def test_each_digit_is_three_cells_wide_and_like_no_other(digit):
    assert {cell_len(line) for line in drawn(digit)} == {3}
    assert [other for other in "0123456789" if drawn(other) == drawn(digit)] == [digit]


@pytest.mark.parametrize("glyph", "─│┌┐└┘├┤╭╮╰╯━┃┏┓┗┛┣┫╸╹╺╻╲╱█▀▄▌▐▂▆")
def test_box_glyphs_are_shapes_inside_their_cells(glyph):
    assert is_drawn(glyph)
    ET.fromstring(f"<g>{drawn_glyph(glyph, 3, 9, 20, '#fff')}</g>")  # noqa: S314 - our own


@pytest.mark.parametrize("glyph", "a鉅●✔ ")
def test_other_characters_are_left_to_the_font(glyph):
    assert not is_drawn(glyph)


def stacks() -> Stacks[str]:
    return Stacks(lambda app: [app])


def test_an_app_that_is_left_is_found_where_it_was():
    phone = stacks()
    phone.bring("securities")
    phone.show("securities", "login")
    phone.bring("home")
    phone.bring("securities")
    assert phone.top == "login"
    phone.back("securities")
    assert phone.top == "securities"


def test_the_way_back_from_the_first_screen_leads_home():
    phone = stacks()
    phone.bring("mails")
    phone.back("mails")
    assert phone.front == "home"
    phone.back("home")
    assert phone.top == "home"


def test_the_way_back_from_a_message_leads_to_the_app_in_front_before():
    phone = stacks()
    phone.bring("securities")
    phone.show("securities", "sms-code")
    phone.bring_at("texts", "text")
    phone.back("texts")
    assert phone.top == "sms-code"
    phone.bring("texts")
    assert phone.top == "texts"


def test_an_app_works_on_behind_without_coming_to_the_front():
    phone = stacks()
    phone.bring("securities")
    phone.bring("home")
    phone.start("securities", "account", "sms-code")
    assert phone.top == "home"
    phone.bring("securities")
    assert phone.top == "sms-code"


def test_a_screen_that_was_dropped_is_not_found_again():
    phone = stacks()
    phone.bring("securities")
    phone.show("securities", "token-code")
    phone.bring("home")
    phone.drop("securities")
    phone.bring("securities")
    assert phone.top == "securities"
