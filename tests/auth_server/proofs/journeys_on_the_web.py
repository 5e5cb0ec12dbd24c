"""A customer and two attackers at one server, doing anything in any order, and what must hold after each thing done.

One attacker has the customer's password, the other is a customer too; both type whatever code there ever was, follow
whatever link, bring back whatever ticket. What a success needs is written here a second time, in other words than the
server's, and each success is held to it. The names I1 to I9 are those of docs/security.md.
"""

import re
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import func, select

from auth_server.tables import audit_rows, limits, metadata, one_time_codes, soft_tokens, web_sessions
from tests.auth_server.attacks.people import MALLORY, VICTIM
from tests.auth_server.attacks.server import SERVICE, Browser
from tests.auth_server.conftest import BACK_OFFICE_KEY, Phone
from tests.auth_server.proofs.local_server import LocalServer, code_in, local_server

CHANNELS = ("mail", "sms", "token")
BROWSERS = ("the customer's", "the thief's", "Mallory's")
MOST = {"wrong codes of": 50, "wrong passwords of": 10, "send ": 5, "resets of": 5, "wrong registration codes of": 10}

LINK = r"/iweb/password-reset\?token=[A-Za-z0-9_-]{43}"

browsers = st.sampled_from(BROWSERS)
ages = st.sampled_from([0, 0, 0, 1, 1, 2, 3, 5])
"""Which of those that there were: the newest, the one before it, an older one."""

Some = TypeVar("Some")


@dataclass
class Code:
    """A code that was sent for one login or one enrolment."""

    text: str
    sent_at: float
    used: bool = False


@dataclass
class Login:
    """A login whose password was right, and what it waits for."""

    begun_at: float
    channel: str = ""
    code: Code | None = None
    over: bool = False


@dataclass
class Link:
    """A mailed link."""

    path: str
    sent_at: float
    ended: bool = False


@dataclass
class Seat:
    """One browser and whose account it is for."""

    browser: Browser
    account: str
    login: Login | None = None


class WebJourneys(RuleBasedStateMachine):
    """What is done in browsers. `bugs` are those that the server has."""

    bugs: ClassVar[tuple[str, ...]] = ()
    succeeded: ClassVar[set[str]] = set()
    """What has succeeded, over all runs: a machine in which nothing ever does proves nothing."""

    def __init__(self) -> None:
        super().__init__()
        self._open = ExitStack()
        self.server: LocalServer = self._open.enter_context(local_server(*self.bugs))
        owners = dict(zip(BROWSERS, (VICTIM, VICTIM, MALLORY), strict=True))
        self.seats = {name: Seat(self.server.browser(), owner.account) for name, owner in owners.items()}
        self.password = VICTIM.password
        self.locked = False
        self.sessions = 0
        self.codes: list[Code] = []
        self.links: list[Link] = []
        self.tickets: list[str] = []
        self.used_tickets: set[str] = set()
        self.holder: Phone | None = None
        self.last_step = -1
        self.biometrics = "none"
        self.last_steps: dict[str, int] = {}
        self.secrets = {VICTIM.password, MALLORY.password, BACK_OFFICE_KEY}

    def teardown(self) -> None:
        """I9: nothing that opens anything is kept as it is."""
        with self._open:
            kept = "\n".join(self._dump())
            assert not [secret for secret in self.secrets if secret in kept]

    @property
    def now(self) -> float:
        return self.server.clock.at

    @rule(seconds=st.sampled_from([1, 29, 61, 61, 61, 299, 301, 1801, 8 * 3600]))
    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.server.clock.advance(seconds)

    @rule(who=browsers, channel=st.sampled_from(CHANNELS), how_far=st.sampled_from([0, 1, 2, 2, 2, 3, 3]))
    def log_in(self, who: str, channel: str, how_far: int) -> None:
        """Log in: with a wrong password, only the right one, up to the code, or the code as well.

        Whoever looked over the shoulder is quicker, and types the code elsewhere first.
        """
        seat = self.seats[who]
        self._give_a_password(seat, right=how_far > 0)
        if how_far > 1:
            self._choose_a_channel(seat, channel)
        if how_far > 2 and seat.login is not None:
            token_code = self.holder.code() if self.holder is not None else ""
            text = seat.login.code.text if seat.login.code is not None else token_code
            for other in (*(other for other in self.seats.values() if other is not seat), seat):
                self._type(other, text)

    def _give_a_password(self, seat: Seat, *, right: bool) -> None:
        known = self.password if seat.account == VICTIM.account else MALLORY.password
        answer = seat.browser.log_in_with_password(seat.account, known if right else "Wrong1Wrong")
        if answer.status_code == 303:
            assert right, "a wrong password was right"
            assert not self._is_locked(seat), "a locked account may log in"
            seat.login = Login(self.now)

    def _choose_a_channel(self, seat: Seat, channel: str) -> None:
        """Choose how the code comes; what comes is in everybody's hands from then on."""
        self.server.messages()
        goes_on = seat.browser.choose(channel).headers.get("location") == "/cas/login/code"
        sent = [code for message in self._messages() if (code := code_in(message.text))]
        assert goes_on or not sent, "a code was sent, and the page says that none was"
        if not goes_on or (not sent and channel != "token"):
            return  # not now; or it was sent a moment ago, and stays good
        assert seat.login is not None, "a code can be had without a password"
        seat.login.channel, seat.login.code = channel, None
        if channel != "token":
            [text] = sent
            seat.login.code = Code(text, self.now)
            self.codes.append(seat.login.code)

    @rule(first=browsers, what=st.sampled_from(["sent", "sent", "of the token", "guessed"]), age=ages)
    def type_a_code(self, first: str, what: str, age: int) -> None:
        """Type a code in every browser: one that was sent, for whatever and to whom; one of the token; or any."""
        text = f"{age:06d}"
        if what == "sent" and self.codes:
            text = some(self.codes, age).text
        elif what == "of the token" and self.holder is not None:
            text = self.holder.code(steps=1 - age)
        for name in sorted(BROWSERS, key=lambda name: name != first):
            self._type(self.seats[name], text)

    def _type(self, seat: Seat, text: str) -> None:
        before = self.begin()
        answer = seat.browser.give_code(text)
        if "session" not in answer.cookies:
            return
        login = seat.login
        assert login is not None, "I1: a session without a password"
        assert not login.over, "I1: a session by a login that was over"
        assert not self._is_locked(seat), "I1: a session of a locked account"
        assert self.now < login.begun_at + 15 * 60, "I1: a session by a login that ran out"
        if login.channel == "token":
            assert seat.account == VICTIM.account, "I1: a session by another customer's token"
            self.use_token_code(text)
        else:
            assert login.code is not None, "I1: a session without a code"
            assert login.code.text == text, "I1: a session by a code of something else"
            assert not login.code.used, "I2: a code was used twice"
            assert self.now < login.code.sent_at + 300, "I2: a late code was right"
            login.code.used = True
        login.over = True
        self.sessions += 1
        self.secrets.add(answer.cookies["session"])
        self.happened("login", before, told_by="sms" if login.channel == "mail" else "mail")

    def use_token_code(self, text: str) -> None:
        """Hold the success of a token's code to what it needs."""
        assert self.holder is not None, "I1: a token's code without a token"
        fitting = [step for step in (-1, 0, 1) if self.holder.code(steps=step) == text]
        assert fitting, "I1: a code of another time, or of another token"
        step = int(self.now // 30) + fitting[0]
        assert step > self.last_step, "I2: a token's code was used twice, or after a newer one"
        self.last_step = step

    @precondition(lambda self: self.sessions > 0)
    @rule(who=browsers)
    def log_out(self, who: str) -> None:
        """Log out, and try what a copy of the cookies is still good for."""
        seat = self.seats[who]
        copied = httpx.Cookies(seat.browser.cookies)
        seat.browser.post("/cas/logout")
        seat.browser.cookies = copied
        assert not seat.browser.is_logged_in(), "a session goes on after the logout"
        seat.browser.cookies, seat.login = httpx.Cookies(), None

    @precondition(lambda self: self.sessions > 0)
    @rule(who=browsers, age=ages)
    def go_to_a_service(self, who: str, age: int) -> None:
        """Go to a service, which takes a session; the service brings back that ticket, or an older one."""
        browser = self.seats[who].browser
        inside = browser.is_logged_in()
        ticket = browser.get(f"/cas/login?service={SERVICE}").headers.get("location", "").partition("ticket=")[2]
        assert inside or not ticket, "I1: a ticket without a session"
        self.tickets += [ticket] if ticket else []
        if not self.tickets:
            return
        ticket = some(self.tickets, age)
        answer = self.server.request("GET", "/cas/serviceValidate", params={"service": SERVICE, "ticket": ticket})
        if "authenticationSuccess" in answer.text:
            assert ticket not in self.used_tickets, "I2: a ticket was used twice"
            self.succeeded.add("ticket")
        self.used_tickets.add(ticket)

    @rule(by_staff=st.booleans(), follow=st.booleans())
    def ask_for_a_reset(self, by_staff: bool, follow: bool) -> None:
        """Have the link mailed to the customer, as anybody may, and perhaps follow it."""
        self.server.messages()
        if by_staff:
            self.server.back_office("POST", f"/customers/{VICTIM.account}/password-reset")
        else:
            self.server.browser().post("/cas/forgot-password", {"username": VICTIM.account})
        paths = [found[0] for mail in self.server.mails() if (found := re.search(LINK, mail.text))]
        if paths:
            self._end_links()
            self.links.append(Link(paths[-1], self.now))
            self.secrets.add(paths[-1].partition("=")[2])
        if paths and follow:
            self.follow_a_link(age=0)

    @precondition(lambda self: self.links)
    @rule(age=ages)
    def follow_a_link(self, age: int) -> None:
        """Set a new password with a link, whichever."""
        link, new = some(self.links, age), f"Kowloon{len(self.secrets):04d}Bay"
        browser = self.server.browser()
        browser.get(link.path)
        before = self.begin()
        answer = browser.post("/iweb/password-reset", {"new_password": new, "new_password_again": new})
        if "成功更改" not in answer.text:
            return
        assert not link.ended, "I2: a link was used twice, or after a newer one"
        assert self.now < link.sent_at + 8 * 3600, "I2: a late link was good"
        assert not self.locked, "a locked account got a new password"
        assert not browser.is_logged_in(), "a reset logged somebody in"
        self.password = new
        self.secrets.add(new)
        self.happened("password-changed", before, told_by="sms")
        self._end_links()
        self.everything_ended()
        self.biometrics = "suspended" if self.biometrics == "active" else self.biometrics

    def _end_links(self) -> None:
        for link in self.links:
            link.ended = True

    def everything_ended(self) -> None:
        """I7: whatever was open before is over."""
        for seat in self.seats.values():
            if seat.account == VICTIM.account:
                assert not seat.browser.is_logged_in(), "I7: an older session goes on"
                if seat.login is not None:
                    seat.login.over = True

    @rule(locked=st.sampled_from([True, False, False]))
    def lock_or_unlock(self, locked: bool) -> None:
        """Have the back office do it."""
        act = "lock" if locked else "unlock"
        assert self.server.back_office("POST", f"/customers/{VICTIM.account}/{act}").status_code == 204
        if locked and not self.locked:
            self.biometrics = "none"
            self.everything_ended()
        self.locked = locked

    def _is_locked(self, seat: Seat) -> bool:
        return self.locked and seat.account == VICTIM.account

    # What holds at all times.

    @invariant()
    def nobody_is_inside_unseen(self) -> None:
        """I1: there are as many sessions as successes that were held to what they need."""
        with self.server.broker.database.reading() as tx:
            assert tx.execute(select(func.count()).select_from(web_sessions)).scalar_one() == self.sessions

    @invariant()
    def limits_hold(self) -> None:
        """I3: no more guesses are looked at, and no more is sent, than is allowed."""
        with self.server.broker.database.reading() as tx:
            counts = {str(row.key): int(row.count) for row in tx.execute(select(limits.c.key, limits.c.count))}
            attempts = tx.execute(select(func.max(one_time_codes.c.attempts))).scalar_one() or 0
            failures = tx.execute(select(func.max(soft_tokens.c.failures))).scalar_one() or 0
        assert (attempts <= 5, failures <= 10) == (True, True)
        for beginning, most in MOST.items():
            assert all(count <= most for key, count in counts.items() if key.startswith(beginning)), counts

    @invariant()
    def tokens_are_one_and_their_steps_grow(self) -> None:
        """I4 and I5."""
        with self.server.broker.database.reading() as tx:
            rows = tx.execute(select(soft_tokens.c.token_id, soft_tokens.c.state, soft_tokens.c.last_step)).all()
        assert sum(row.state == "active" for row in rows) <= 1, "I5: two tokens are active"
        for row in rows:
            assert row.last_step >= self.last_steps.get(row.token_id, -1), "I4: a step went back"
            self.last_steps[row.token_id] = row.last_step

    # What a success is held to.

    def begin(self) -> int:
        """Look only at what comes from here on; the newest audit row."""
        self.server.messages()
        with self.server.broker.database.reading() as tx:
            return tx.execute(select(func.max(audit_rows.c.id))).scalar_one() or 0

    def happened(self, event: str, before: int, *, told_by: str) -> None:
        """I8: one audit row, and one notice by a channel that was not used: "mail", "sms" or "both"."""
        written = audit_rows.c.id > before, audit_rows.c.event == event, audit_rows.c.result == "success"
        with self.server.broker.database.reading() as tx:
            rows = tx.execute(select(func.count()).select_from(audit_rows).where(*written)).scalar_one()
        mails, texts = self.server.messages()
        assert rows == 1, f"I8: {rows} audit rows of {event}"
        wanted = {"mail": (1, 0), "sms": (0, 1), "both": (1, 1)}[told_by]
        assert (len(mails), len(texts)) == wanted, f"I8: {event} was told by {len(mails)} mails and {len(texts)} texts"
        self.succeeded.add(event)

    def _messages(self) -> list[Any]:
        mails, texts = self.server.messages()
        return [*mails, *texts]

    def _dump(self) -> list[str]:
        with self.server.broker.database.reading() as tx:
            return [repr(row) for table in metadata.sorted_tables for row in tx.execute(select(table))]


def some(of: list[Some], age: int) -> Some:
    """One of the newest of them."""
    return of[-1 - min(age, len(of) - 1)]
