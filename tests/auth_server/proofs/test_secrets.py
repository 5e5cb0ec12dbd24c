"""After a whole journey, with everything logged that can be, no secret of it is in the logs or in the database.

What is searched for is every secret that came up on the way, as text, as bytes, in hexadecimal and in base64 (ASVS 5.0,
6.5.2, 13.3.1, 14.2.1 and 16.2.5).
"""

import base64
import logging
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url

from auth_server.registration_code import write_code
from auth_server.tables import metadata
from tests.auth_server.attacks.password_reset import set_by
from tests.auth_server.attacks.people import VICTIM
from tests.auth_server.attacks.server import SERVICE, Server, opened
from tests.auth_server.conftest import BACK_OFFICE_KEY, ORIGIN
from tests.auth_server.proofs.visitors import STAFF_PASSWORD, Visitors

NEW_PASSWORD = "Sheung9Wan"

Secrets = dict[str, str | bytes]


def journey(server: Server) -> Secrets:
    """Reset, enrol, bind, register biometrics, log in by each channel, visit a service, be staff; the secrets."""
    secrets: Secrets = {"the first password": VICTIM.password, "the new password": NEW_PASSWORD}
    link = server.link()
    secrets["the token of the link"] = link.partition("token=")[2]
    assert set_by(server.browser(), link, NEW_PASSWORD)

    phone = server.phone()
    assert phone.log_in(NEW_PASSWORD).status_code == 201
    secrets["the activation code"] = phone.start()
    assert phone.call("POST", "/enrolment/sms-code", {"code": secrets["the activation code"]}).status_code == 200
    code = phone.registration_code()
    secrets |= {"the registration code": code, "the registration code as it is written": write_code(code)}
    assert phone.bind(code).status_code == 200
    secrets["the first code of the token"] = phone.code()
    assert phone.activate().status_code == 200
    secrets |= {"the seed": phone.seed, "the phone's session": phone.session}
    server.clock.advance(60)
    secrets["the release key"] = phone.register_biometrics()
    assert phone.unlock().status_code == 200

    for channel in ("mail", "sms", "token"):
        server.clock.advance(60)
        browser = server.browser()
        browser.log_in_with_password(VICTIM.account, NEW_PASSWORD)
        secrets[f"the login's cookie, by {channel}"] = browser.cookie("login")
        text = browser.ask(channel) or phone.code()
        secrets[f"the code by {channel}"] = text
        assert browser.gets_in(text)
        secrets[f"the session by {channel}"] = browser.cookie("session")
        ticket = browser.get(f"/cas/login?service={SERVICE}").headers["location"].partition("ticket=")[2]
        secrets[f"the ticket by {channel}"] = ticket
        claim = {"service": SERVICE, "ticket": ticket}
        assert "Success" in server.request("GET", "/cas/serviceValidate", params=claim).text

    form = Visitors(server).staff_form()
    staff = server.browser()
    assert staff.post("/back-office/login", form).status_code == 303
    secrets |= {"the staff's password": STAFF_PASSWORD, "the staff's code": form["code"]}
    secrets["the staff's session"] = staff.cookie("staff")

    keys = server.broker.keys
    secrets |= {"the master key": bytes(range(32)), "the back-office key": BACK_OFFICE_KEY}
    secrets |= {f"the key for {use}": keys.current.derive(use) for use in ("seal", "codes", "password pepper")}
    return secrets


def forms_of(secret: str | bytes) -> Iterator[bytes]:
    """All the ways in which a secret can stand somewhere."""
    raw = secret.encode() if isinstance(secret, str) else secret
    yield raw
    yield raw.hex().encode()
    yield raw.hex().upper().encode()
    yield repr(raw)[2:-1].encode()
    yield quote(raw).encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(raw).rstrip(b"=")


def found(secrets: Secrets, places: Mapping[str, bytes]) -> set[str]:
    """Which secrets stand where. Six digits are a code only where they stand alone: there are numbers everywhere."""
    there: set[str] = set()
    for name, secret in secrets.items():
        if isinstance(secret, str) and re.fullmatch("[0-9]{6}", secret):
            alone = re.compile(rb"(?<![0-9A-Za-z.+/_-])" + secret.encode() + rb"(?![0-9A-Za-z.+/_-])")
            there |= {f"{name} in {where}" for where, text in places.items() if where != "file" and alone.search(text)}
        else:
            forms = set(forms_of(secret))
            there |= {f"{name} in {where}" for where, text in places.items() if any(form in text for form in forms)}
    return there


class Log(logging.Handler):
    """Keeps what is logged, but for what the test's own client and the gateways say of their requests."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        line = logging.Formatter("%(name)s %(message)s").format(record)
        if not record.name.startswith(("fake_gateways", "mail.")) and ORIGIN not in line:
            self.lines.append(line)


@contextmanager
def everything_logged() -> Iterator[Log]:
    """Have every logger log everything, SQLAlchemy's statements with their values and rows included."""
    loggers, log = [logging.getLogger(), logging.getLogger("sqlalchemy")], Log()
    before = [logger.level for logger in loggers]
    loggers[0].addHandler(log)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    try:
        yield log
    finally:
        loggers[0].removeHandler(log)
        for logger, level in zip(loggers, before, strict=True):
            logger.setLevel(level)


def played(*bugs: str) -> tuple[Secrets, dict[str, bytes]]:
    """Play the journey; its secrets, and where they could be."""
    with everything_logged() as log, opened(*bugs) as server:
        secrets = journey(server)
        server.messages()
        database = server.broker.database
        with database.reading() as tx:
            rows = {table.name: repr(tx.execute(select(table)).all()) for table in metadata.sorted_tables}
        file = make_url(server.settings["AUTH_SERVER_DATABASE_URL"]).database
        assert file
        kept = b"".join(path.read_bytes() for path in sorted(Path(file).parent.glob("*.db*")))
    assert any("INSERT INTO" in line for line in log.lines), "the statements of the database are logged too"
    return secrets, {
        "log": "\n".join(log.lines).encode(errors="surrogateescape"),
        "file": kept,
        **{f"table {name}": text.encode() for name, text in rows.items()},
    }


def test_no_secret_of_a_whole_journey_is_kept_or_logged() -> None:
    secrets, places = played()
    assert len(secrets) > 25
    assert found(secrets, places) == set()


def test_a_secret_that_is_logged_is_noticed() -> None:
    secrets, places = played("seed_in_log")
    assert found(secrets, places) == {"the seed in log"}


@pytest.mark.parametrize("form", list(forms_of("密Sheung9Wan")))
def test_a_secret_is_known_in_each_of_its_forms(form: bytes) -> None:
    assert found({"it": "密Sheung9Wan"}, {"file": b"x" + form + b"y"}) == {"it in file"}


def test_a_code_is_known_where_it_stands_alone() -> None:
    code = {"it": "281704"}
    assert found(code, {"log": b"code=281704 sent"}) == {"it in log"}
    assert found(code, {"log": b"in 0.281704 s, 12817045, ab281704"}) == set()
