"""The words of the server: complete in both languages."""

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

import pytest
from babel.messages.pofile import read_po

import auth_server
from auth_server.languages import preferred_language, read_language, translate, write_clock, write_moment
from auth_server.passwords import PasswordRule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.auth_server.conftest import World
    from tests.auth_server.web.conftest import Browser

# The name of the phone app, under which it is found on the phone, in whichever language (M1).
APP = "鉅亨證券 2"
# Names of customers in examples.
NAMES = {"陳大文"}
PASSWORD = "Tseung7Kwan"
ORDER = {"side": "buy", "stock": "700", "quantity": "100", "price": "320"}
ROOM = Path(auth_server.__file__).parent
CHINESE = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")
# Where the languages themselves are: how each writes a day.
NOT_MESSAGES = {ROOM / "languages.py"}


def catalogue() -> dict[str, str]:
    with (ROOM / "locale/en/LC_MESSAGES/auth_server.po").open("rb") as file:
        return {message.id: message.string for message in read_po(file, locale="en", abort_invalid=True) if message.id}


@cache
def words_in_code() -> tuple[tuple[str, str], ...]:
    return tuple(_words_in_code())


def _words_in_code() -> "Iterator[tuple[str, str]]":
    for path in sorted(set(ROOM.rglob("*.py")) - NOT_MESSAGES):
        tree = ast.parse(path.read_text("utf-8"))
        docstrings = {
            id(statement.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
            for statement in node.body
            if isinstance(statement, ast.Expr)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield f"{path.name}:{node.lineno}", node.value


def words_in_templates() -> "Iterator[tuple[str, str]]":
    for path in sorted((ROOM / "templates").rglob("*.*")):
        for text in re.findall(r'_\("([^"]+)"', path.read_text("utf-8")):
            yield path.name, text


def test_every_chinese_word_of_the_code_and_the_templates_has_its_english() -> None:
    english = catalogue()
    found = [*words_in_code(), *words_in_templates()]
    assert len(found) > 150
    words = [(place, text) for place, text in found if CHINESE.search(text) and text not in NAMES]
    missing = [(place, text) for place, text in words if not english.get(text)]
    assert missing == []


def test_no_template_writes_chinese_past_the_catalogue() -> None:
    for path in (ROOM / "templates").rglob("*.*"):
        text = re.sub(r"\{#.*?#\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        assert not CHINESE.search(re.sub(r'_\("[^"]+"', "", text)), path


def test_the_catalogue_has_nothing_that_nobody_says() -> None:
    said = {text for _, text in [*words_in_code(), *words_in_templates()]}
    assert [text for text in catalogue() if text not in said] == []


def test_each_translation_fills_in_the_same_values_and_is_english() -> None:
    for text, english in catalogue().items():
        fields = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (text, english)]
        assert fields[0] == fields[1], text
        assert text == english == "繁體中文" or not CHINESE.search(english.replace(APP, "")), text


def test_the_catalogue_never_says_a_thing_twice() -> None:
    source = (ROOM / "locale/en/LC_MESSAGES/auth_server.po").read_text("utf-8")
    ids = re.findall(r'^msgid "(.+)"$', source, re.MULTILINE)
    assert len(ids) == len(set(ids))


def test_the_manuals_rules_are_in_the_manuals_words_and_order() -> None:
    assert [rule.value for rule in PasswordRule][:5] == [
        "必須最少有8個字元",
        "字元必須是數字或英文字母",
        "包含最少一個英文字母",
        "包含最少一個數字",
        "不能與前1次密碼相同",
    ]


def test_what_has_no_english_stays_as_it_is() -> None:
    assert translate("沒有譯文", "en") == "沒有譯文"
    assert translate("登入", "zh-Hant") == "登入"
    assert translate("登入", "en") == "Log in"


def test_times_are_written_as_in_hong_kong() -> None:
    # 2026-12-31 16:05:59 UTC is five past midnight of New Year's Day in Hong Kong.
    at = 1798733159.9
    assert write_clock(at) == "00:05"
    assert write_moment(at, "zh-Hant") == "2027年1月1日 00:05"
    assert write_moment(at, "en") == "1 January 2027, 00:05"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-Hant"),
        ("", "zh-Hant"),
        ("en", "en"),
        ("en-HK,zh-Hant-HK;q=0.9", "en"),
        ("zh-TW,en;q=0.8", "zh-Hant"),
        ("fr-FR, en;q=0.5, zh;q=0.7", "zh-Hant"),
        ("en;q=0, fr", "zh-Hant"),
        ("en;q=x", "zh-Hant"),
        ("*", "zh-Hant"),
    ],
)
def test_a_client_is_answered_in_the_language_that_it_asks_for(header: str | None, language: str) -> None:
    assert preferred_language(header) == language


@pytest.mark.parametrize("tag", ["zh", "EN", "en ", "fr", "", None])
def test_only_our_two_tags_are_languages(tag: str | None) -> None:
    assert read_language(tag) is None


def test_no_page_in_english_has_a_chinese_word_but_the_way_back(
    world: "World", browser: "Browser", reset_link: "Callable[..., str]", token_code: "Callable[[], str]"
) -> None:
    token_code()
    browser.get("/cas/login?lang=en")
    pages = [
        browser.get("/cas/login"),
        browser.log_in_with_password(password="wrong"),
        browser.get("/cas/login?ended=1"),
        browser.log_in_with_password() and browser.follow(),
        browser.choose("token") and browser.follow(),
        browser.choose("mail") and browser.follow(),
        browser.give_code("000000"),
        browser.post("/cas/login/resend"),
        browser.get("/cas/forgot-password"),
        browser.post("/cas/forgot-password", {"username": "9999-9990"}),
        browser.get("/cas/login?service=https://evil.example/"),
        browser.post("/cas/login", **{"Sec-Fetch-Site": "cross-site"}),
        browser.get("/iweb/app"),
        browser.get("/iweb/app/android"),
        browser.get("/iweb/app/ios"),
        browser.get("/iweb", method="DELETE"),
        browser.get("/cas/login?service=a&service=b"),
        browser.post("/cas/login", {"username": "x" * 70_000}),
        browser.log_in_with_password() and browser.choose("token") and browser.follow(),
        browser.give_code(token_code()) and browser.follow(),
        browser.get("/iweb/security?done=one"),
        browser.get("/iweb/security?done=others"),
        browser.get("/iweb/security/password"),
        browser.post("/iweb/security/password", {"current_password": "x"}),
        browser.post("/iweb/security/password", {"current_password": PASSWORD, "new_password": "é"}),
        browser.get("/iweb/order"),
        browser.post("/iweb/order"),
        browser.post("/iweb/order", ORDER),
        world.clock.advance(400) or (browser.post("/iweb/order", ORDER) and browser.follow()),
        browser.get("/iweb/order?side=buy&stock=700&quantity=100&price=320"),
        world.clock.advance(84 * 86400)
        or (browser.log_in_with_password() and browser.choose("token") and browser.follow()),
        browser.give_code(token_code()) and browser.follow(),
        browser.post("/cas/logout"),
        browser.get(reset_link()) and browser.follow(),
        browser.post("/iweb/password-reset", {"new_password": "é", "new_password_again": ""}),
        browser.post("/iweb/password-reset", {"new_password": "Sheung9Wan", "new_password_again": "Sheung9Wan"}),
        browser.get("/iweb/password-reset"),
    ]
    for page in pages:
        assert page.status_code != 303
        text = page.text.replace("繁體中文", "").replace("陳大文", "").replace(APP, "")
        assert not CHINESE.search(text), CHINESE.findall(text)
