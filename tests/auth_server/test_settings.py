"""Settings: read strictly, and each trouble in one line that names the variable."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from auth_server.settings import Settings, SettingsError


def test_the_limits_are_those_of_the_manual_and_the_standards(settings: Mapping[str, str]) -> None:
    read = Settings.read(settings)
    assert (read.code_life_seconds, read.code_tries, read.code_resend_seconds, read.code_sends_per_hour) == (
        300,
        5,
        60,
        5,
    )
    assert read.registration_code_life_seconds == read.reset_link_life_seconds == 8 * 3600
    assert read.password_life_seconds == 90 * 86400
    assert (read.password_tries, read.password_window_seconds, read.token_tries) == (10, 900, 10)
    assert (read.session_idle_seconds, read.session_absolute_seconds) == (1800, 43200)
    assert (read.sms_sender, read.mail_from, read.mail_from_name) == (
        "#Anue",
        "service@anue.example",
        "Anue Securities Service",
    )
    assert (read.support_email, read.support_phone) == ("cs@anue.example", "2122 8800")


def test_other_variables_are_not_looked_at(settings: Mapping[str, str]) -> None:
    assert Settings.read({**settings, "PATH": "/bin", "auth_server_x": "y"}).origin == "http://localhost:8000"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("AUTH_SERVER_ORIGN", "http://x", "AUTH_SERVER_ORIGN is not a setting; did you mean AUTH_SERVER_ORIGIN?"),
        ("AUTH_SERVER_ORIGIN", "http://x/path", "AUTH_SERVER_ORIGIN must be an origin such as https://"),
        ("AUTH_SERVER_ORIGIN", "ftp://x", "AUTH_SERVER_ORIGIN must be an origin"),
        ("AUTH_SERVER_ORIGIN", "https://me@x", "AUTH_SERVER_ORIGIN must not hold a user name"),
        ("AUTH_SERVER_SMTP", "localhost", "AUTH_SERVER_SMTP must be host:port"),
        ("AUTH_SERVER_SMTP", "localhost:0", "AUTH_SERVER_SMTP must be host:port"),
        ("AUTH_SERVER_SMTP", "localhost:25\n", "AUTH_SERVER_SMTP must be host:port"),
        ("AUTH_SERVER_SMS_URL", "localhost", "AUTH_SERVER_SMS_URL must be an http or https address"),
        ("AUTH_SERVER_MASTER_KEY", "c2hvcnQ", "AUTH_SERVER_MASTER_KEY must be 32 bytes in base64url"),
        ("AUTH_SERVER_BACK_OFFICE_KEY", "short", "AUTH_SERVER_BACK_OFFICE_KEY must be 16 characters or longer"),
        ("AUTH_SERVER_CODE_TRIES", "0", "AUTH_SERVER_CODE_TRIES should be greater than 0"),
        ("AUTH_SERVER_CODE_TRIES", "101", "AUTH_SERVER_CODE_TRIES should be less than or equal to 100"),
        ("AUTH_SERVER_CODE_TRIES", "many", "AUTH_SERVER_CODE_TRIES should be a valid integer"),
        ("AUTH_SERVER_SERVICES", "https://a.example,evil", "AUTH_SERVER_SERVICES must be addresses"),
        ("AUTH_SERVER_TEST_WORLD", "perhaps", "AUTH_SERVER_TEST_WORLD should be a valid boolean"),
    ],
)
def test_a_wrong_setting_is_one_line_that_names_it(
    settings: Mapping[str, str], name: str, value: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.read({**settings, name: value})
    assert str(error.value).startswith(sentence)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "name",
    [
        "AUTH_SERVER_ORIGIN",
        "AUTH_SERVER_SMTP",
        "AUTH_SERVER_SMS_URL",
        "AUTH_SERVER_MASTER_KEY",
        "AUTH_SERVER_BACK_OFFICE_KEY",
    ],
)
def test_a_missing_setting_is_named(settings: dict[str, str], name: str) -> None:
    del settings[name]
    with pytest.raises(SettingsError, match=f"^{name} is missing"):
        Settings.read(settings)


def test_no_secret_is_shown_by_settings_or_by_their_errors(settings: Mapping[str, str]) -> None:
    key = settings["AUTH_SERVER_MASTER_KEY"]
    assert key not in repr(Settings.read(settings))
    assert settings["AUTH_SERVER_BACK_OFFICE_KEY"] not in repr(Settings.read(settings))
    with pytest.raises(SettingsError) as error:
        Settings.read({**settings, "AUTH_SERVER_MASTER_KEY": key + "AAAA"})
    assert key not in str(error.value)
    assert error.value.__cause__ is None


def test_the_master_key_can_be_a_file_that_nobody_else_may_read(settings: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    key = settings.pop("AUTH_SERVER_MASTER_KEY")
    given = {**settings, "AUTH_SERVER_MASTER_KEY_FILE": str(file)}
    with pytest.raises(SettingsError, match="cannot be read"):
        Settings.read(given)
    file.write_text(key + "\n")
    file.chmod(0o640)
    with pytest.raises(SettingsError, match="chmod 600"):
        Settings.read(given)
    file.chmod(0o600)
    assert Settings.read(given).master_key.get_secret_value() == bytes(range(32))
    with pytest.raises(SettingsError, match="cannot be set beside it"):
        Settings.read({**given, "AUTH_SERVER_MASTER_KEY": key})
    assert os.environ.get("AUTH_SERVER_MASTER_KEY") is None
