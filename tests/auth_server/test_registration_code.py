"""The registration code: its checksum, its spelling, and what is no code."""

from hypothesis import given
from hypothesis import strategies as st

from auth_server.registration_code import crc16_arc, new_code, read_code, write_code

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"

# Ten zero bytes have the checksum zero (a CRC without initial value), so twelve zero bytes are a code.
ZERO_CODE = "A" * 20


def test_the_checksum_has_the_check_value_of_crc_16_arc() -> None:
    assert crc16_arc(b"123456789") == 0xBB3D


def test_a_code_is_twenty_characters_of_base32_in_groups_of_five() -> None:
    code = new_code()
    assert len(code) == 20
    assert set(code) <= set(ALPHABET)
    assert [len(group) for group in write_code(code).split("-")] == [5, 5, 5, 5]
    assert read_code(code) == code


def test_a_thousand_codes_are_a_thousand_codes() -> None:
    assert len({new_code() for _ in range(1000)}) == 1000


def test_small_letters_hyphens_and_spaces_do_not_matter_and_0_and_1_are_read_as_letters() -> None:
    code = next(code for code in iter(new_code, "") if "O" in code and "I" in code)
    typed = write_code(code).lower().replace("-", " - ").replace("o", "0").replace("i", "1")
    assert read_code(typed) == code


@given(place=st.integers(0, 19), character=st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(place: int, character: str) -> None:
    code = new_code()
    wrong = code[:place] + character + code[place + 1 :]
    assert read_code(wrong) == (code if wrong == code else None)


@given(place=st.integers(0, 18))
def test_two_characters_changed_about_are_always_noticed(place: int) -> None:
    code = new_code()
    wrong = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    assert read_code(wrong) == (code if wrong == code else None)


def test_what_is_no_code_is_none() -> None:
    assert read_code(ZERO_CODE) == ZERO_CODE
    for text in ["", "A" * 19, "A" * 21, ZERO_CODE + "\n", "Ａ" * 20, "A" * 19 + "8", "A" * 19 + "B"]:
        assert read_code(text) is None


@given(st.text(max_size=40))
def test_reading_any_text_is_a_code_or_none(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == 20 and set(code) <= set(ALPHABET))
