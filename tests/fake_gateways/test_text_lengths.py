"""How many short messages a text fills (3GPP TS 23.038 and 23.040)."""

import pytest

from fake_gateways.gsm_7 import Encoding, encoding_of, segments_of
from fake_gateways.sms import digits_of, is_phone_number


@pytest.mark.parametrize(
    ("text", "encoding", "segments"),
    [
        ("", Encoding.GSM_7, 1),
        ("a" * 160, Encoding.GSM_7, 1),
        ("a" * 161, Encoding.GSM_7, 2),
        ("a" * 306, Encoding.GSM_7, 2),
        ("a" * 307, Encoding.GSM_7, 3),
        ("€" * 80, Encoding.GSM_7, 1),
        ("€" * 81, Encoding.GSM_7, 2),
        ("a" * 152 + "€" + "a" * 151, Encoding.GSM_7, 2),
        ("a" * 152 + "€" + "a" * 152, Encoding.GSM_7, 3),
        ("驗" * 70, Encoding.UCS_2, 1),
        ("驗" * 71, Encoding.UCS_2, 2),
        ("驗" * 134, Encoding.UCS_2, 2),
        ("驗" * 135, Encoding.UCS_2, 3),
        ("😀" * 35, Encoding.UCS_2, 1),
        ("驗" * 66 + "😀" + "驗" * 65, Encoding.UCS_2, 2),
        ("驗" * 66 + "😀" + "驗" * 66, Encoding.UCS_2, 3),
        ("ç", Encoding.UCS_2, 1),
        ("Çé@£¤ñ", Encoding.GSM_7, 1),
        ("`", Encoding.UCS_2, 1),
    ],
)
def test_a_text_fills_as_many_messages_as_the_standard_says(text, encoding, segments):
    assert (encoding_of(text), segments_of(text)) == (encoding, segments)


def test_the_basic_alphabet_has_the_standards_127_characters_and_no_escape():
    basic = {
        chr(code) for code in range(0x2500) if segments_of(chr(code) * 160) == 1 and encoding_of(chr(code)) == "GSM-7"
    }
    assert len(basic) == 127
    assert "\x1b" not in basic


def test_a_text_message_knows_its_length_and_alphabet(a_text):
    text = a_text(text="鉅亨證券：登入驗證碼是 281704，5分鐘內有效。請勿向任何人透露。如有查詢請致電 2122 8800。")
    assert (text.encoding, text.segments, text.digits) == ("UCS-2", 1, "85255550101")


@pytest.mark.parametrize(
    "number", ["+852 5555 0101", "85255550101", "0085255550101", "+852-5555-0101", "+1 (555) 010.0123"]
)
def test_numbers_as_people_write_them_can_be_sent_to(number):
    assert is_phone_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "",
        "chan@example.com",
        " 85255550101",
        "+",
        "12",
        "1234567890123456",
        "８５２５５５５０１０１",
        "+852\n5555",
        "++852555",
    ],
)
def test_what_is_no_number_cannot_be_sent_to(number):
    assert not is_phone_number(number)


def test_the_digits_of_a_number_leave_out_the_international_prefix():
    assert digits_of("00852 5555 0101") == digits_of("+852 5555-0101") == "85255550101"
    assert digits_of("#Anue") == ""
