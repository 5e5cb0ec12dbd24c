"""Bugs are planted by a setting, in test worlds only, and nowhere else does the server know of them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from auth_server.app import AuthServer, create_app
from auth_server.one_time_codes import OneTimeCodes
from auth_server.planted_bugs.catalogue import BUGS
from auth_server.settings import Settings, SettingsError
from tests.auth_server.attacks.people import VICTIM
from tests.auth_server.attacks.server import opened

SOURCES = Path(__file__).resolve().parents[3] / "auth_server"


def refusal(settings: dict[str, str], **other: str) -> str:
    with pytest.raises(SettingsError) as refused:
        Settings.read(settings | other)
    return str(refused.value)


def test_outside_a_test_world_no_bug_is_planted(settings: dict[str, str]) -> None:
    wanted = "AUTH_SERVER_PLANTED_BUGS is for test worlds only, where AUTH_SERVER_TEST_WORLD=true"
    assert refusal(settings, AUTH_SERVER_TEST_WORLD="false", AUTH_SERVER_PLANTED_BUGS="otp_reuse") == wanted
    del settings["AUTH_SERVER_TEST_WORLD"]
    assert refusal(settings, AUTH_SERVER_PLANTED_BUGS="otp_reuse") == wanted


def test_a_name_that_is_none_is_refused_with_the_one_that_was_meant(settings: dict[str, str]) -> None:
    said = refusal(settings, AUTH_SERVER_PLANTED_BUGS="link_race,otp_resue")
    assert said == "AUTH_SERVER_PLANTED_BUGS names no planted bug: otp_resue; did you mean otp_reuse?"
    said = refusal(settings, AUTH_SERVER_PLANTED_BUGS="qqqqqqq")
    assert said == "AUTH_SERVER_PLANTED_BUGS names no planted bug: qqqqqqq"


def test_names_are_separated_by_commas_and_none_is_none(settings: dict[str, str]) -> None:
    def read(names: str) -> tuple[str, ...]:
        return Settings.read({**settings, "AUTH_SERVER_PLANTED_BUGS": names}).planted_bugs

    assert read(" otp_reuse, link_race ,otp_reuse,") == ("otp_reuse", "link_race")
    assert read("") == read(" ") == ()


def test_several_bugs_at_once_are_all_there() -> None:
    with opened("old_code_valid", "magic_code", "csrf") as server:
        browser = server.browser()
        browser.begin()
        browser.post("/cas/login/channel", {"channel": "sms"}, Origin="https://evil.example")
        first = server.code()
        server.clock.advance(61)
        browser.post("/cas/login/resend")
        assert browser.gets_in(first)
        other = server.browser()
        other.up_to_the_code(channel="mail")
        assert other.gets_in("000000", VICTIM)


def test_a_server_without_bugs_beside_one_with_bugs_has_none(settings: dict[str, str]) -> None:
    worse = create_app({**settings, "AUTH_SERVER_PLANTED_BUGS": "magic_code"}, lambda: 0.0)
    honest = create_app(settings, lambda: 0.0)
    assert type(honest) is AuthServer
    assert type(honest.broker.one_time_codes) is OneTimeCodes
    assert isinstance(worse.broker.one_time_codes, BUGS["magic_code"])


def test_every_bug_says_which_promise_it_breaks() -> None:
    assert [name for name, kind in BUGS.items() if not kind.__doc__] == []


def test_the_rules_know_nothing_of_bugs() -> None:
    outside = [path for path in SOURCES.rglob("*.py") if "planted_bugs" not in path.parts]
    knowing = {
        path.relative_to(SOURCES).as_posix() for path in outside if re.search("planted", path.read_text("utf-8"))
    }
    assert knowing == {"app.py", "settings.py"}


def test_a_server_without_bugs_does_not_load_them() -> None:
    seen = "import sys, auth_server.app; print(any('planted_bugs' in name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
