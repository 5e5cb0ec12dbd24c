"""The second factor of a web login: a one-time code by mail, by text message or of the soft token (M26-M30).

No step before the code gives a session. A password that has expired leads to its change, never around it (M8).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select

from auth_server import audit, lockout
from auth_server.channels import Channel
from auth_server.lockout import Limited
from auth_server.messages import Notice, login_code_mail, login_code_text
from auth_server.notices import Notices
from auth_server.one_time_codes import Issued, OneTimeCodes, Outcome, Purpose
from auth_server.outbox import Outbox
from auth_server.sessions import Session, WebSessions
from auth_server.settings import Settings
from auth_server.soft_token import SoftTokens
from auth_server.tables import audit_rows
from auth_server.web_login import Step, WebLogin, WebLogins

CHANNELS: Final = (Channel.MAIL, Channel.SMS, Channel.TOKEN)

_DAY: Final = 86400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """Both factors were right: `token` is that of the new session, for the browser's cookie."""

    token: str = field(repr=False)
    service: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PasswordExpired:
    """Both factors were right, and the password is to be changed first; `token` is that of the login from here on."""

    token: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SteppedUp:
    """The second factor was right again: `token` is that of the same session from here on, `onward` where it goes."""

    token: str = field(repr=False)
    onward: str


class SecondFactor:
    """Sends codes and takes them."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], float],
        *,
        logins: WebLogins,
        codes: OneTimeCodes,
        tokens: SoftTokens,
        sessions: WebSessions,
        outbox: Outbox,
        notices: Notices,
    ) -> None:
        self._settings = settings
        self._now = now
        self._logins = logins
        self._codes = codes
        self._tokens = tokens
        self._sessions = sessions
        self._outbox = outbox
        self._notices = notices

    def ask_again(self, tx: Connection, session: Session, *, onward: str) -> str:
        """Ask the customer of `session` for the second factor again; the token of the login that does.

        `onward` is the address, one of our own, where the customer goes then.
        """
        return self._logins.open(tx, session.account.account, Step.CHANNEL, session=session.key, onward=onward)

    def is_fresh(self, session: Session) -> bool:
        """Tell whether the last second factor of `session` is recent enough for an order (ASVS 5.0, 7.5.3)."""
        return self._now() < session.factor_at + self._settings.step_up_seconds

    def channels(self, tx: Connection, login: WebLogin) -> tuple[Channel, ...]:
        """List the channels that `login` may choose from; iToken is one only once a token is bound (M26)."""
        offered = {
            Channel.MAIL: self._settings.codes_by_mail,
            Channel.SMS: True,
            Channel.TOKEN: self._tokens.has_active(tx, login.account.account),
        }
        return tuple(channel for channel in CHANNELS if offered[channel])

    def choose(self, tx: Connection, login: WebLogin, channel: Channel, *, address: str) -> Limited | None:
        """Have the code of `login` come by `channel`, one of its `channels`; by mail or text message it is sent.

        Returns None when the code can be typed. A code that was sent before, by whichever channel, ends with this one.
        """
        if channel is not Channel.TOKEN:
            limited = self._send_code(tx, login, channel, address=address)
            if limited is not None:
                return limited
        self._logins.await_code(tx, login, channel)
        return None

    def prove(
        self, tx: Connection, login: WebLogin, text: str, *, address: str, browser: str = ""
    ) -> LoggedIn | PasswordExpired | SteppedUp | Outcome:
        """Take `text` as the one-time code of `login`, which is at the step `CODE`.

        Returns the outcome if it is refused: for the audit trail, all outcomes look alike to the customer. `browser`
        is what the customer later knows the session by.
        """
        assert login.channel is not None
        account = login.account
        if login.channel is Channel.TOKEN:
            outcome = self._tokens.accept_code(tx, account.account, text)
        else:
            outcome = self._codes.accept(
                tx, purpose=Purpose.LOGIN, account=account.account, transaction=login.transaction, text=text
            )
        if outcome is Outcome.ACCEPTED and not self._logins.end(tx, login):
            outcome = Outcome.USED
        accepted = outcome is Outcome.ACCEPTED
        self._record(
            tx, "login-code", account.account, "" if accepted else outcome, channel=login.channel, address=address
        )
        if not accepted:
            self._tell_of_failures(tx, login)
            return outcome
        if login.session is not None:
            return self._step_up(tx, login, login.session, address=address)
        at = self._now()
        if account.password_state(at=at, life_seconds=self._settings.password_life_seconds) == "expired":
            token = self._logins.open(
                tx, account.account, Step.NEW_PASSWORD, service=login.service, channel=login.channel
            )
            return PasswordExpired(token=token)
        token = self._sessions.begin(
            tx,
            account.account,
            login.channel,
            previous_login_at=_last_login_at(tx, account.account),
            browser=browser,
            address=address,
        )
        self._record(tx, "login", account.account, "", channel=login.channel, address=address)
        self._notices.tell(tx, account, Notice.LOGIN, login.channel)
        return LoggedIn(token=token, service=login.service)

    def refuse(self, tx: Connection, event: audit.Event, account: str, reason: str, *, address: str) -> None:
        """Write down that a step was tried for which there is no login, or not one that waits for it (M33)."""
        self._record(tx, event, account, reason, channel=Channel.WEB, address=address)

    def _step_up(self, tx: Connection, login: WebLogin, session: bytes, *, address: str) -> SteppedUp | Outcome:
        channel = login.channel
        assert channel is not None
        token = self._sessions.renew(tx, session, factor=channel)
        reason = "" if token else "session-ended"
        self._record(tx, "stepped-up", login.account.account, reason, channel=channel, address=address)
        return SteppedUp(token=token, onward=login.onward or "/") if token else Outcome.NONE

    def _tell_of_failures(self, tx: Connection, login: WebLogin) -> None:
        """Tell the customer that somebody has the password and guesses at codes (ASVS 5.0, 6.3.5): once a day."""
        assert login.channel is not None
        failures = lockout.count(
            tx, f"wrong login codes of {login.account.account}", window_seconds=_DAY, at=self._now()
        )
        if failures == self._settings.code_failures_told:
            self._notices.tell(tx, login.account, Notice.CODE_FAILURES, login.channel)

    def _send_code(self, tx: Connection, login: WebLogin, channel: Channel, *, address: str) -> Limited | None:
        account = login.account
        issued = self._codes.issue(
            tx, purpose=Purpose.LOGIN, account=account.account, transaction=login.transaction, channel=channel
        )
        reason = "limit" if isinstance(issued, Limited) else ""
        self._record(tx, "code-sent", account.account, reason, channel=channel, address=address)
        if isinstance(issued, Limited):
            return issued
        self._queue(tx, login, channel, issued)
        return None

    def _queue(self, tx: Connection, login: WebLogin, channel: Channel, issued: Issued) -> None:
        at, account, about = self._now(), login.account, login.transaction
        number = account.account
        if channel is Channel.SMS:
            text = login_code_text(account, issued.code, self._settings)
            self._outbox.queue_text(
                tx, at=at, to=account.phone, text=text, account=number, about=about, until=issued.expires_at
            )
            return
        words = login_code_mail(account, issued.code, self._settings)
        self._outbox.queue_mail(
            tx,
            at=at,
            to=account.email,
            subject=words.subject,
            text=words.text,
            html=words.html,
            account=number,
            about=about,
            until=issued.expires_at,
        )

    def _record(
        self, tx: Connection, event: audit.Event, account: str, reason: str, *, channel: Channel, address: str
    ) -> None:
        audit.record(
            tx,
            at=self._now(),
            event=event,
            result="refused" if reason else "success",
            account=account,
            reason=reason,
            channel=channel,
            address=address,
        )


def _last_login_at(tx: Connection, account: str) -> float | None:
    # A phone that was let in only to set up its token has not logged in.
    on_the_phone = and_(audit_rows.c.event == "phone-login", audit_rows.c.reason == "logged-in")
    query = select(func.max(audit_rows.c.at)).where(
        audit_rows.c.account == account,
        audit_rows.c.result == "success",
        or_(audit_rows.c.event == "login", on_the_phone),
    )
    return tx.execute(query).scalar_one()
