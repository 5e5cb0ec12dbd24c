"""What a running server is told from outside: addresses, secrets and limits, read once from ``AUTH_SERVER_*``."""

import base64
import binascii
import difflib
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FilePath,
    SecretBytes,
    SecretStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from auth_server.limit_settings import Limits

PREFIX: Final = "AUTH_SERVER_"

_MASTER_KEY_BYTES: Final = 32
_SHORTEST_BACK_OFFICE_KEY: Final = 16
_MAKE_A_KEY: Final = 'python -c "import secrets; print(secrets.token_urlsafe(32))"'


class SettingsError(ValueError):
    """A setting is missing, unknown or not what it must be. The text is one line and names the variable."""


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or text != f"{parts.scheme}://{parts.netloc}":
        raise ValueError("must be an origin such as https://trade.anue.example, without a path")
    if "@" in parts.netloc:
        raise ValueError("must not hold a user name")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http or https address")
    return text


def _services(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(_service_prefix(entry.strip()) for entry in value.split(",") if entry.strip())


def _service_prefix(text: str) -> str:
    parts = urlsplit(text)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or "@" in parts.netloc
        or parts.query
        or parts.fragment
    ):
        raise ValueError("must be addresses such as https://orders.anue.example/app, separated by commas")
    return text


class SmtpAddress(BaseModel):
    """Where mail is handed over: host name and port."""

    model_config = ConfigDict(frozen=True)

    host: str
    port: int


def _smtp_address(value: object) -> object:
    if not isinstance(value, str):
        return value
    match = re.fullmatch(r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>[0-9]{1,5})", value)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise ValueError("must be host:port, such as localhost:1025")
    return {"host": match["host"].strip("[]"), "port": int(match["port"])}


def _mail_address(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", text):
        raise ValueError("must be a mail address such as service@anue.example")
    return text


def _master_key(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        key = base64.b64decode(value.strip() + "=" * (-len(value.strip()) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _MASTER_KEY_BYTES:
        raise ValueError(f"must be 32 bytes in base64url; make one with: {_MAKE_A_KEY}")
    return key


def _planted_bugs(value: object, info: ValidationInfo) -> object:
    if not isinstance(value, str) or not value.strip():
        return ()
    if not info.data.get("test_world", False):
        raise ValueError(f"is for test worlds only, where {PREFIX}TEST_WORLD=true")
    from auth_server.planted_bugs.catalogue import read_names  # noqa: PLC0415 - for practice servers only

    return read_names(value)


def _master_keys(value: object) -> object:
    return tuple(_master_key(key) for key in value.split(",") if key) if isinstance(value, str) else value


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value()) < _SHORTEST_BACK_OFFICE_KEY:
        raise ValueError("must be 16 characters or longer")
    return key


class Settings(Limits):
    """The settings of one server, with its limits.

    A field named ``code_tries`` is read from ``AUTH_SERVER_CODE_TRIES``.
    """

    model_config = ConfigDict(defer_build=False)

    origin: Annotated[str, AfterValidator(_origin)]
    """The address that customers reach the server by; links in mails are built from it and from nothing else."""
    name: str = "鉅亨證券"
    """The broker's name, as its app shows it."""
    port: Annotated[int, Field(gt=0, lt=65536)] = 8000
    """Where ``python -m auth_server`` listens."""
    database_url: str = "sqlite:///auth_server.db"
    master_key: Annotated[SecretBytes, BeforeValidator(_master_key)]
    """Every other key is derived from it: seals, message authentication, the signing key, the password pepper."""
    old_master_keys: Annotated[tuple[SecretBytes, ...], BeforeValidator(_master_keys)] = ()
    """Those before it, newest first, separated by commas: what they made is still known. See docs/keys.md."""
    back_office_key: Annotated[SecretStr, AfterValidator(_long_enough)]
    test_world: bool = False
    """A world that is thrown away: the database does not wait for the disk."""
    planted_bugs: Annotated[tuple[str, ...], BeforeValidator(_planted_bugs)] = ()
    """Names of bugs that the server is to have, separated by commas (docs/security.md); in a test world only."""

    smtp: Annotated[SmtpAddress, BeforeValidator(_smtp_address)]
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    """How the way to the SMTP server is encrypted: not, from STARTTLS on (RFC 3207), or from the start (RFC 8314)."""
    smtp_user: str = ""
    """Who logs in at the SMTP server (RFC 4954); nobody if empty. Never without encryption."""
    smtp_password: SecretStr = SecretStr("")
    sms_url: Annotated[str, AfterValidator(_web_address)]
    sms_token: SecretStr = SecretStr("")
    """What the SMS gateway knows the server by: sent as ``Authorization: Bearer`` (RFC 6750) unless empty."""
    gateways_ca_file: FilePath | None = None
    """The certificate authorities (PEM) that the gateways' certificates are verified by; else those of the machine."""
    sms_sender: Annotated[str, Field(min_length=1, max_length=16)] = "#Anue"
    mail_from: Annotated[str, AfterValidator(_mail_address)] = "service@anue.example"
    mail_from_name: str = "Anue Securities Service"
    support_email: Annotated[str, AfterValidator(_mail_address)] = "cs@anue.example"
    support_phone: str = "2122 8800"
    services: Annotated[tuple[str, ...], BeforeValidator(_services)] = ()
    """Address prefixes of the CAS services that may get tickets."""
    codes_by_mail: bool = True
    """Whether the code of a login can be had by e-mail (M27), which is not advised (ASVS 5.0, 6.3.6)."""

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> Self:
        if self.smtp_user and self.smtp_security == "none":
            raise ValueError(f"{PREFIX}SMTP_USER needs {PREFIX}SMTP_SECURITY=starttls or tls")
        if self.sms_token.get_secret_value() and not self.sms_url.startswith("https:"):
            raise ValueError(f"{PREFIX}SMS_TOKEN needs an https address in {PREFIX}SMS_URL")
        return self

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Self:
        """Read the settings from `variables`, such as ``os.environ``; names without the prefix are not looked at.

        Raises `SettingsError` for the first variable that is unknown, missing or wrong.
        """
        given = {name: value for name, value in variables.items() if name.startswith(PREFIX)}
        known = {PREFIX + name.upper(): name for name in cls.model_fields}
        key_file = given.pop(PREFIX + "MASTER_KEY_FILE", None)
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(name, [*known, PREFIX + "MASTER_KEY_FILE"], n=1)
                raise SettingsError(f"{name} is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
        values: dict[str, object] = {known[name]: value for name, value in given.items()}
        if key_file is not None:
            if "master_key" in values or "old_master_keys" in values:
                raise SettingsError(
                    f"{PREFIX}MASTER_KEY_FILE holds all master keys: {PREFIX}MASTER_KEY and {PREFIX}OLD_MASTER_KEYS "
                    "cannot be set beside it"
                )
            values["master_key"], *older = _read_key_file(Path(key_file))
            values["old_master_keys"] = ",".join(older)
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise SettingsError(_in_one_line(error)) from None  # the cause would hold the value


def _read_key_file(path: Path) -> list[str]:
    """Read a file of keys, one a line: the one in use first, then the older ones."""
    name = f"{PREFIX}MASTER_KEY_FILE"
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        keys = path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{name}: {path} cannot be read; make one with: {_MAKE_A_KEY} > {path}") from None
    if mode & 0o077:
        raise SettingsError(f"{name}: others may read {path}; type: chmod 600 {path}")
    return keys or [""]


def _in_one_line(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    if not first["loc"]:  # of several settings together: the text names them
        return first["msg"].removeprefix("Value error, ")
    name = PREFIX + str(first["loc"][0]).upper()
    if first["type"] == "missing":
        hint = f"; make one with: {_MAKE_A_KEY}" if name.endswith("_KEY") else ""
        return f"{name} is missing{hint}"
    return f"{name} {first['msg'].removeprefix('Value error, ').replace('Input should', 'should')}"
