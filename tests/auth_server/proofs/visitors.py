"""People at the server's doors, each with what they have proved so far, made afresh for each request."""

import base64
from dataclasses import dataclass, field
from typing import Any

import httpx
import pyotp

from auth_server import accounts, phone_sessions
from auth_server.back_office import staff, staff_login
from auth_server.channels import Channel
from auth_server.phone_sessions import SessionState
from auth_server.web_login import Step, WebLogin
from tests.auth_server.attacks.people import VICTIM
from tests.auth_server.attacks.server import Server, link_in
from tests.auth_server.conftest import BACK_OFFICE_KEY, Phone, point
from tests.auth_server.proofs.policy import Who
from tests.auth_server.web.conftest import FROM_OUR_PAGE

STAFF_NAME, STAFF_PASSWORD = "wong", "correct horse battery"

Credentials = tuple[dict[str, str], dict[str, str]]
"""Cookies and headers."""


@dataclass
class Visitors:
    """Makes requests to one server in everybody's name."""

    server: Server
    phone: Phone = field(init=False)
    _made: dict[Who, Credentials] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.phone = self.server.phone()
        self.phone.be_bound()

    def ask(self, who: Who, method: str, address: str, **more: Any) -> httpx.Response:
        """Send a request with what `who` has proved, and with nothing left over from requests before."""
        cookies, headers = self.credentials_of(who)
        ours = {} if "/api/" in address or "/phone-api/" in address else FROM_OUR_PAGE
        asked = {**headers, **ours, **more.pop("headers", {})}

        async def send() -> httpx.Response:
            async with self.server.client(cookies=cookies) as client:
                return await client.request(method, address, headers=asked, **more)

        answer = self.server.run(send())
        if method not in {"GET", "HEAD"} and answer.status_code < 400 and not is_shut_out(answer):
            self._begin_anew()
        return answer

    def credentials_of(self, who: Who) -> Credentials:
        """Cookies and headers that `who` comes with: the same until something was done."""
        if who not in self._made:
            self._made[who] = self._credentials(who)
        return self._made[who]

    def _credentials(self, who: Who) -> Credentials:
        phone_in_hand: dict[Who, SessionState] = {Who.PHONE: "set-up-token", Who.TOKEN_PHONE: "logged-in"}
        if who in phone_in_hand:
            return {}, _bearer(self._phone_session(phone_in_hand[who]))
        if who is Who.PROGRAM:
            return {}, _bearer(BACK_OFFICE_KEY)
        cookies = {
            Who.LOGGING_IN: ("login", lambda: self._login(Step.CODE)),
            Who.EXPIRED: ("login", lambda: self._login(Step.NEW_PASSWORD)),
            Who.LINK: ("reset", self.link),
            Who.CUSTOMER: ("session", self._session),
            Who.STAFF: ("staff", self._staff_session),
        }
        if who not in cookies:
            return {}, {}
        name, make = cookies[who]
        return {self._cookie(name): make()}, {}

    def _cookie(self, name: str) -> str:
        """The whole name of a cookie (RFC 6265bis, 4.1.3): over plain HTTP, on the machine itself, it has no prefix."""
        over_tls = self.server.broker.settings.origin.startswith("https:")
        return name if not over_tls else f"__Secure-{name}" if name == "staff" else f"__Host-{name}"

    def _begin_anew(self) -> None:
        """Have the customer as at the beginning, whatever a request before did: not locked, and with a token."""
        self._made.clear()
        broker = self.server.broker
        with broker.database.writing() as tx:
            accounts.unlock(tx, VICTIM.account)
            has_token = broker.soft_tokens.has_active(tx, VICTIM.account)
        if not has_token:
            self.phone.be_bound()

    def _login(self, step: Step) -> str:
        logins = self.server.broker.web.logins
        with self.server.broker.database.writing() as tx:
            if step is Step.NEW_PASSWORD:
                return logins.open(tx, VICTIM.account, step, channel=Channel.SMS)
            token = logins.open(tx, VICTIM.account, Step.CHANNEL)
            login = logins.find(tx, token)
            assert isinstance(login, WebLogin)
            assert logins.await_code(tx, login, Channel.TOKEN)
            return token

    def _session(self) -> str:
        with self.server.broker.database.writing() as tx:
            return self.server.broker.web.sessions.begin(tx, VICTIM.account, Channel.SMS, previous_login_at=None)

    def _phone_session(self, state: SessionState) -> str:
        with self.server.broker.database.writing() as tx:
            return phone_sessions.begin(
                tx,
                account=VICTIM.account,
                device_key=point((self.phone if state == "logged-in" else self.server.phone()).key),
                device_name="A phone",
                state=state,
                at=self.server.clock.at,
            )

    def link(self) -> str:
        """Have a reset link sent; its token."""
        broker = self.server.broker
        with broker.database.writing() as tx:
            victim = accounts.find(tx, VICTIM.account)
            assert victim is not None
            broker.web.resets.send(tx, victim, asked=Channel.WEB)
        return link_in(self.server.mails()[-1]).partition("token=")[2]

    def staff_form(self) -> dict[str, str]:
        """Add or reset a staff member; what the login asks for."""
        broker = self.server.broker
        password_hash = broker.passwords.hash_password(STAFF_PASSWORD)
        with broker.database.writing() as tx:
            seed = staff.add(broker, tx, STAFF_NAME, password_hash) or staff.reset(
                broker, tx, STAFF_NAME, password_hash
            )
        assert seed
        code = pyotp.TOTP(base64.b32encode(seed).decode()).at(int(self.server.clock.at))
        return {"name": STAFF_NAME, "password": STAFF_PASSWORD, "code": code}

    def _staff_session(self) -> str:
        token = staff_login.log_in(self.server.broker, **self.staff_form(), address="")
        assert token
        return token


def is_shut_out(answer: httpx.Response) -> bool:
    """Whether an answer says that who asked has not proved enough: on the APIs in so many words, on pages by the way
    to a login, or to where the login stands, or by the page of a link that has ended."""
    assert answer.status_code < 500, answer.text
    if answer.status_code >= 400 and answer.headers["content-type"] == "application/json":
        return answer.json()["error"]["code"] in {"not-logged-in", "token-required", "wrong-key"}
    location = answer.headers.get("location", "")
    asked = answer.request.url.path
    to_a_login = location.partition("?")[0] in {"/cas/login", "/cas/login/password", "/back-office/login"}
    back = asked == "/cas/login/password" and location in {"/cas/login/channel", "/cas/login/code"}
    return answer.status_code == 410 or (answer.status_code == 303 and (to_a_login or back))


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
