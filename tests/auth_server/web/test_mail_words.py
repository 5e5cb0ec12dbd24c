"""The mails and text messages, word for word (M2, M13, M16, M27, M28, M32)."""

import html
import re
from typing import TYPE_CHECKING

import pytest

from auth_server.accounts import Account
from auth_server.messages import (
    MailWords,
    Notice,
    activation_code_text,
    login_code_mail,
    login_code_text,
    notice_mail,
    notice_text,
    password_reset_mail,
    registration_mail,
)

if TYPE_CHECKING:
    from tests.auth_server.conftest import World

LINK = "http://localhost:8000/iweb/password-reset?token=" + "a" * 43
CODE = "7KQ2M-XB4TD-9WZ6H-LC3NP"
AT = 1_800_000_000.0


def customer(language: str = "zh-Hant", name: str = "陳大文") -> Account:
    return Account(account="9999-9990", name=name, email="chan@example.com", phone="+852 5555 0101", language=language)


def lines_of(words: MailWords) -> list[str]:
    """What a customer reads in the HTML part, paragraph by paragraph."""
    body = words.html.partition("<body")[2].partition(">")[2]
    paragraphs = re.split(r"</(?:p|td|table)>", body)
    plain = (html.unescape(re.sub(r"<[^>]+>", "", part)).split() for part in paragraphs)
    return [" ".join(part) for part in plain if part]


def test_the_reset_mail_is_the_manuals_in_the_plain_part(world: "World") -> None:
    words = password_reset_mail(customer(), LINK, world.broker.settings)
    assert words.subject == "Password Reset"
    assert words.text == (
        "親愛的 陳大文 9999-9990 先生/女士,\n\n"
        "謝謝閣下使用鉅亨證券有限公司網上交易系統，我們收到閣下指示重設帳戶登入密碼。步驟如下：\n\n"
        "登入帳號: 9999-9990\n\n"
        f"重設帳號登入密碼：按此\n{LINK}\n\n"
        "(此鏈結由電郵發出時間8小時內有效，若失效，閣下也可在下列本公司之網上交易登入頁面按忘記密碼，查看電郵再重設)\n\n"
        "請使用以下網址登入本公司之網上交易服務(如適用)： http://localhost:8000/cas/login\n\n"
        "為提高閣下帳戶安全性，閣下請自行定期更改密碼。\n\n"
        "如閣下有任何查詢，請發送電郵 cs@anue.example 或致電 2122 8800 與客戶服務部聯絡。\n\n"
        "鉅亨證券有限公司謹啓\n\n"
        "(本郵件由電腦系統自動產生)"
    )


def test_the_reset_mail_is_the_manuals_in_the_html_part(world: "World") -> None:
    words = password_reset_mail(customer(), LINK, world.broker.settings)
    assert lines_of(words)[1:] == [
        "親愛的 陳大文 9999-9990 先生/女士,",
        "謝謝閣下使用鉅亨證券有限公司網上交易系統，我們收到閣下指示重設帳戶登入密碼。步驟如下：",
        "登入帳號: 9999-9990",
        "重設帳號登入密碼：按此",
        "(此鏈結由電郵發出時間8小時內有效，若失效，閣下也可在下列本公司之網上交易登入頁面按忘記密碼，查看電郵再重設)",
        "請使用以下網址登入本公司之網上交易服務(如適用)： http://localhost:8000/cas/login",
        "為提高閣下帳戶安全性，閣下請自行定期更改密碼。",
        "如閣下有任何查詢，請發送電郵 cs@anue.example 或致電 2122 8800 與客戶服務部聯絡。",
        "鉅亨證券有限公司謹啓",
        "(本郵件由電腦系統自動產生)",
    ]
    assert re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', words.html) == [
        (LINK, "按此"),
        ("http://localhost:8000/cas/login", "http://localhost:8000/cas/login"),
    ]


def test_the_registration_mail_has_the_code_and_under_it_the_picture(world: "World") -> None:
    words = registration_mail(customer(), CODE, b"\x89PNG", world.broker.settings)
    assert words.subject == "保安編碼器註冊資料"
    assert f"註冊編碼：{CODE}" in words.text
    assert f"註冊編碼：{CODE}" in lines_of(words)
    assert words.html.index(CODE) < words.html.index('src="cid:registration-qr"')
    assert words.pictures == {"registration-qr": b"\x89PNG"}


def test_the_mail_with_a_login_code_has_it_in_both_parts(world: "World") -> None:
    words = login_code_mail(customer(), "012345", world.broker.settings)
    assert words.subject == "登入驗證碼"
    assert "登入驗證碼：012345" in words.text
    assert "登入驗證碼：012345" in lines_of(words)
    assert "請勿向任何人透露" in words.text


def test_text_messages_name_their_purpose_and_warn(world: "World") -> None:
    settings = world.broker.settings
    assert login_code_text(customer(), "281704", settings) == (
        "鉅亨證券：登入驗證碼是 281704，5分鐘內有效。請勿向任何人透露。如有查詢請致電 2122 8800。"
    )
    assert activation_code_text(customer(), "281704", settings) == (
        "鉅亨證券：啟用保安編碼器的驗證碼是 281704，5分鐘內有效。請勿向任何人透露。如有查詢請致電 2122 8800。"
    )
    assert "your login code is 281704" in login_code_text(customer("en"), "281704", settings)
    assert "activation code is 281704" in activation_code_text(customer("en"), "281704", settings)


@pytest.mark.parametrize("notice", Notice)
def test_a_notice_says_what_and_when_and_whom_to_call_and_has_nothing_that_looks_like_a_code(
    world: "World", notice: Notice
) -> None:
    mail = notice_mail(notice, customer(), at=AT, settings=world.broker.settings)
    text = notice_text(notice, customer(), at=AT, settings=world.broker.settings)
    assert mail.subject == notice.value
    assert text.startswith(f"鉅亨證券：{notice.value}。帳號 9999-9990 ")
    for words in (mail.text, " ".join(lines_of(mail)), text):
        assert "2027年1月15日 16:00" in words
        assert "2122 8800" in words
        assert not re.search(r"(?<![0-9])[0-9]{6}(?![0-9])", words)


def all_mails(world: "World", account: Account) -> list[MailWords]:
    settings = world.broker.settings
    return [
        password_reset_mail(account, LINK, settings),
        login_code_mail(account, "281704", settings),
        registration_mail(account, CODE, b"", settings),
        *(notice_mail(notice, account, at=AT, settings=settings) for notice in Notice),
    ]


def test_mails_in_english_have_no_chinese_word(world: "World") -> None:
    for mail in all_mails(world, customer("en", "Chan Tai Man")):
        assert not re.search(r"[\u2e80-\u9fff]", mail.subject + mail.text + mail.html)
        assert '<html lang="en">' in mail.html
    assert password_reset_mail(customer("en"), LINK, world.broker.settings).subject == "Password Reset"


def test_what_a_name_holds_is_shown_as_text_and_changes_no_link(world: "World") -> None:
    account = customer(name='<a href="https://evil.example">Chan</a> {link}')
    for mail in all_mails(world, account):
        assert '<a href="https://evil.example">' not in mail.html
        assert "&lt;a href=" in mail.html
        assert account.name in mail.text


def test_no_mail_fetches_anything(world: "World") -> None:
    for mail in all_mails(world, customer()):
        assert re.findall(r'src="(?!cid:)', mail.html) == []
        assert "<script" not in mail.html
        assert "<link" not in mail.html


def test_what_a_message_says_is_not_in_its_repr(world: "World") -> None:
    for mail in all_mails(world, customer()):
        assert not re.search(f"281704|{CODE}|{'a' * 43}", repr(mail))
