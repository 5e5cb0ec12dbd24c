"""Message profiles: codes, links and pictures by their place in the message, never by luck."""

from dataclasses import replace

import pytest

from fake_gateways.profiles import Matched, Mismatch, ProfileError, parse_profiles

ORIGIN = "http://localhost:8000"
TOKEN = "Zk3v9hQ2mPqLx8sT0aYdWfRbUcNeGi5oJ7kXzV1M4tE"
ACTIVATION = "鉅亨證券：啟用保安編碼器的驗證碼是 281704，5分鐘內有效。請勿向任何人透露。如有查詢請致電 2122 8800。"
LOGIN = "鉅亨證券：登入驗證碼是 904417，5分鐘內有效。請勿向任何人透露。如有查詢請致電 2122 8800。"

PROFILES = parse_profiles(
    {
        "activation-code": {
            "kind": "sms",
            "sender": "#Anue",
            "values": {"code": {"after": "啟用保安編碼器的驗證碼是", "pattern": "[0-9]{6}"}},
            "secret": ["code"],
        },
        "login-code": {"kind": "mail", "values": {"code": {"after": "登入驗證碼：", "pattern": "[0-9]{6}"}}},
        "password-reset": {
            "kind": "mail",
            "sender": "Anue Securities Service",
            "subject": "Password Reset",
            "values": {"link": {"link": r"{origin}/iweb/password-reset\?token=…"}},
        },
        "token-registration": {
            "kind": "mail",
            "subject": "保安編碼器註冊資料",
            "values": {
                "code": {"after": "註冊編碼：", "pattern": "[A-Z2-7]{5}(?:-[A-Z2-7]{5}){3}"},
                "qr": {"picture": "registration-qr"},
            },
        },
        "notice": {"kind": "sms", "text": "鉅亨證券：.*通知.*"},
    }
)


def test_a_code_is_read_behind_its_words_and_what_was_passed_over_is_kept(a_text):
    found = PROFILES["activation-code"].match(a_text(text=ACTIVATION))
    assert isinstance(found, Matched)
    assert found.values == {"code": "281704"}
    assert [(one.text, one.why) for one in found.rejected] == [("2122 8800", "not after 啟用保安編碼器的驗證碼是")]


def test_a_code_for_another_purpose_is_not_taken(a_text):
    found = PROFILES["activation-code"].match(a_text(text=LOGIN))
    assert isinstance(found, Mismatch)
    assert found.why == "no code: nothing behind “啟用保安編碼器的驗證碼是” is [0-9]{6}"
    assert [one.text for one in found.rejected] == ["904417", "2122 8800"]


@pytest.mark.parametrize(
    "text",
    [
        "啟用保安編碼器的驗證碼是 2817041，",
        "啟用保安編碼器的驗證碼是 28170，",
        "啟用保安編碼器的驗證碼是 281704-1",
        "啟用保安編碼器的驗證碼是 281704a",
        "啟用保安編碼器的驗證碼是 281704１",
        "啟用保安編碼器的驗證碼是 ２８１７０４",
        "啟用保安編碼器的驗證碼 是281704",
        "281704 啟用保安編碼器的驗證碼是",
    ],
)
def test_six_digits_that_are_not_the_whole_code_or_not_in_its_place_are_not_the_code(a_text, text):
    assert isinstance(PROFILES["activation-code"].match(a_text(text=text)), Mismatch)


@pytest.mark.parametrize("text", ["驗證碼是281704請", "驗證碼是\n281704\n", "驗證碼是 281704."])
def test_a_code_ends_at_punctuation_at_chinese_characters_and_at_the_end(a_text, text):
    found = PROFILES["activation-code"].match(a_text(text=f"啟用保安編碼器的{text}"))
    assert isinstance(found, Matched)
    assert found.values == {"code": "281704"}


def test_a_code_of_another_length_is_told_as_such(a_text):
    found = PROFILES["activation-code"].match(a_text(text="啟用保安編碼器的驗證碼是 2817041"))
    assert isinstance(found, Mismatch)
    assert (found.rejected[0].text, found.rejected[0].why) == ("2817041", "is not [0-9]{6}")


def test_two_different_codes_are_no_code(a_text, a_mail):
    twice = "啟用保安編碼器的驗證碼是 281704。啟用保安編碼器的驗證碼是 281705。"
    assert PROFILES["activation-code"].match(a_text(text=twice)).why == "2 different values for code"
    both = a_mail(text="登入驗證碼：281704\n", html="<p>登入驗證碼：<b>904417</b></p>")
    assert PROFILES["login-code"].match(both).why == "2 different values for code"


def test_the_same_code_in_text_and_html_is_one(a_mail):
    found = PROFILES["login-code"].match(a_mail(text="登入驗證碼：281704\n", html="<p>登入驗證碼：</p><h1>281704</h1>"))
    assert found.values == {"code": "281704"}
    assert found.rejected == ()


def test_a_mail_with_html_only_gives_its_code(a_mail):
    mail = a_mail(text="", html="<p>登入驗證碼：<b>281704</b></p>")
    assert PROFILES["login-code"].match(mail).values == {"code": "281704"}


def test_a_link_must_lead_to_the_servers_own_origin(a_mail):
    profile = PROFILES["password-reset"]
    right = f"{ORIGIN}/iweb/password-reset?token={TOKEN}"
    mail = a_mail(subject="Password Reset", text=f"按此 {right} 或 {ORIGIN}/cas/login")
    found = profile.match(mail, origin=ORIGIN)
    assert found.values == {"link": right}
    assert [one.text for one in found.rejected] == [f"{ORIGIN}/cas/login"]
    for wrong in (
        f"http://evil.example/iweb/password-reset?token={TOKEN}",
        f"http://localhost:8000.evil.example/iweb/password-reset?token={TOKEN}",
        f"https://localhost:8000/iweb/password-reset?token={TOKEN}",
        f"{right}&next=http://evil.example",
        f"{ORIGIN}/iweb/password-reset?token=",
    ):
        assert isinstance(profile.match(a_mail(subject="Password Reset", text=wrong), origin=ORIGIN), Mismatch)


def test_a_link_profile_cannot_be_used_without_the_origin(a_mail):
    assert PROFILES["password-reset"].needs_origin
    assert not PROFILES["login-code"].needs_origin
    with pytest.raises(ValueError, match="without the server's origin"):
        PROFILES["password-reset"].match(a_mail(subject="Password Reset"))


def test_two_different_links_are_no_link(a_mail):
    text = f"{ORIGIN}/iweb/password-reset?token=a {ORIGIN}/iweb/password-reset?token=b"
    found = PROFILES["password-reset"].match(a_mail(subject="Password Reset", text=text), origin=ORIGIN)
    assert found.why == "2 different values for link"


def test_a_picture_is_given_by_its_content_id(a_mail):
    mail = a_mail(subject="保安編碼器註冊資料", text="註冊編碼：ABCDE-FGHIJ-KLMNO-PQR23\n")
    found = PROFILES["token-registration"].match(replace(mail, pictures={"registration-qr": b"\x89PNG"}))
    assert found.values == {"code": "ABCDE-FGHIJ-KLMNO-PQR23"}
    assert found.pictures == {"qr": b"\x89PNG"}


def test_a_picture_that_is_not_there_is_told_with_those_that_are(a_mail):
    mail = a_mail(subject="保安編碼器註冊資料", text="註冊編碼：ABCDE-FGHIJ-KLMNO-PQR23\n")
    without = PROFILES["token-registration"].match(mail)
    assert without.why == "no qr: no picture is called registration-qr; there is none"
    other = PROFILES["token-registration"].match(replace(mail, pictures={"logo": b"\x89PNG"}))
    assert other.why == "no qr: no picture is called registration-qr; there is logo"


def test_sender_subject_and_kind_must_be_right(a_mail, a_text):
    why = PROFILES["password-reset"].match(a_mail(subject="Re: Password Reset"), origin=ORIGIN).why
    assert why == "its subject is “Re: Password Reset”, not Password Reset"
    assert PROFILES["activation-code"].match(a_mail()).why == "it is a mail, not an SMS"
    assert PROFILES["password-reset"].match(a_text(), origin=ORIGIN).why == "it is an SMS, not a mail"
    assert (
        PROFILES["activation-code"].match(a_text(text=ACTIVATION, sender="Anue")).why
        == "it is from Anue, not from #Anue"
    )


def test_a_notice_is_known_by_one_of_its_lines(a_text):
    assert PROFILES["notice"].match(a_text(text="鉅亨證券：登入通知，16:22。")) == Matched({}, {})
    assert PROFILES["notice"].match(a_text(text="x鉅亨證券：登入通知")).why == "none of its lines is 鉅亨證券：.*通知.*"


def test_a_text_that_the_gateway_refused_matches_nothing(a_text):
    refused = a_text(text=ACTIVATION, trouble="“x” is not a telephone number")
    assert PROFILES["activation-code"].match(refused).why == "the gateway refused it: “x” is not a telephone number"


def test_what_was_found_does_not_print(a_text):
    assert "281704" not in repr(PROFILES["activation-code"].match(a_text(text=ACTIVATION)))
    assert "904417" not in repr(PROFILES["activation-code"].match(a_text(text=LOGIN)))


def test_a_profile_tells_the_names_of_its_values():
    assert PROFILES["token-registration"].value_names == ("code", "qr")
    assert PROFILES["activation-code"].secret == {"code"}


@pytest.mark.parametrize(
    ("profile", "message"),
    [
        ({"kind": "fax"}, "message profile p: kind is mail or sms, not “fax”"),
        ({}, "message profile p: kind is mail or sms, not “nothing”"),
        ("mail", "message profile p: a mapping is expected"),
        ({"kind": "mail", "subjet": "x"}, "message profile p: unknown key “subjet”; did you mean “subject”?"),
        ({"kind": "sms", "subject": "x"}, "message profile p: an SMS has no subject"),
        ({"kind": "mail", "subject": ["x"]}, "message profile p, subject: a text is expected"),
        ({"kind": "mail", "subject": "("}, "message profile p, subject: ( cannot be used as a regular expression: "),
        ({"kind": "mail", "values": {"code": "x"}}, "message profile p, value code: a mapping is expected"),
        (
            {"kind": "mail", "values": {"code": {"after": "x"}}},
            "message profile p, value code: give after and pattern, or link, or picture",
        ),
        (
            {"kind": "mail", "values": {"code": {"after": " ", "pattern": "x"}}},
            "message profile p, value code: give after and pattern, or link, or picture",
        ),
        (
            {"kind": "mail", "values": {"code": {"link": "x", "picture": "x"}}},
            "message profile p, value code: give after and pattern, or link, or picture",
        ),
        (
            {"kind": "mail", "values": {"code": {"after": "x", "patern": "x"}}},
            "message profile p, value code: unknown key “patern”; did you mean “pattern”?",
        ),
        (
            {"kind": "mail", "values": {"code": {"after": "x", "pattern": "a)(b"}}},
            "message profile p, value code: a)(b cannot be used as a regular expression: ",
        ),
        (
            {"kind": "mail", "values": {"code": {"link": "{origin}/["}}},
            "message profile p, value code: {origin}/[ cannot be used as a regular expression: ",
        ),
        (
            {"kind": "mail", "values": {"code": {"picture": "x"}}, "secret": ["cod"]},
            "message profile p, secret: there is no value cod; did you mean “code”?",
        ),
        ({"kind": "mail", "secret": "code"}, "message profile p, secret: a list of value names is expected"),
    ],
)
def test_a_profile_that_is_not_well_made_is_told_by_its_place(profile, message):
    with pytest.raises(ProfileError) as trouble:
        parse_profiles({"p": profile})
    assert str(trouble.value).startswith(message)


@pytest.mark.parametrize("text", ["Login code: 281704", "登入驗證碼：281704"])
def test_one_profile_reads_a_message_in_each_of_its_languages(text, a_text):
    rule = {"after": ["登入驗證碼：", "Login code:"], "pattern": "[0-9]{6}"}
    profile = parse_profiles({"p": {"kind": "sms", "values": {"code": rule}}})["p"]
    matched = profile.match(a_text(text=text))
    assert isinstance(matched, Matched)
    assert matched.values == {"code": "281704"}


def test_words_of_no_language_of_the_profile_are_told(a_text):
    rule = {"after": ["登入驗證碼：", "Login code:"], "pattern": "[0-9]{6}"}
    profile = parse_profiles({"p": {"kind": "sms", "values": {"code": rule}}})["p"]
    mismatch = profile.match(a_text(text="Der Code ist 281704"))
    assert isinstance(mismatch, Mismatch)
    assert mismatch.why == "no code: nothing behind “登入驗證碼： or Login code:” is [0-9]{6}"
