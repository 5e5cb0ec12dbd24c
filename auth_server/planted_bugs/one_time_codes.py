"""Bugs of the six digits: those that are sent, and those of the soft token."""

import unicodedata
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Connection, select, true, update

from auth_server.one_time_codes import Issued, OneTimeCodes, Outcome, Purpose
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import bug
from auth_server.soft_token import SoftTokens
from auth_server.tables import one_time_codes, soft_tokens
from auth_server.totp import PERIOD_SECONDS, step_at


@bug("otp_reuse")
class OtpReuse(SoftTokens):
    """A code of the token logs in as often as it is typed (RFC 6238, 5.2: it must be accepted once)."""

    def _use_up(self, tx: Connection, token_id: str, step: int, unused: ColumnElement[bool]) -> bool:
        return super()._use_up(tx, token_id, step, unused | true())


@bug("otp_reuse_window")
class OtpReuseWindow(SoftTokens):
    """A used code is remembered for its own step only, and taken again while the window still reaches it."""

    def _use_up(self, tx: Connection, token_id: str, step: int, unused: ColumnElement[bool]) -> bool:
        forgotten = soft_tokens.c.last_step < step_at(self._now())
        return super()._use_up(tx, token_id, step, unused | forgotten)


@bug("otp_older_ok")
class OtpOlderOk(SoftTokens):
    """Only the very code that was used last is refused; one of an earlier step is taken after it."""

    def _use_up(self, tx: Connection, token_id: str, step: int, unused: ColumnElement[bool]) -> bool:
        return super()._use_up(tx, token_id, step, unused | (soft_tokens.c.last_step != step))


@bug("otp_client_time")
class OtpClientTime(SoftTokens):
    """The time that a request claims decides which code is right (ASVS 6.5.8: the server's own time alone)."""

    def accept_code(self, tx: Connection, account: str, text: str) -> Outcome:
        """Take `text` as a code of the time that the request claims."""
        claimed = heard().fields.get("time", "")
        if not claimed.isdecimal():
            return super().accept_code(tx, account, text)
        return SoftTokens(self._settings, self._seal, lambda: float(claimed)).accept_code(tx, account, text)


class _TriesOtherCodes(OneTimeCodes):
    """A code that is wrong for its login is tried as the code of whatever else waits for one."""

    same_account: ClassVar[bool] = True
    same_purpose: ClassVar[bool] = True

    def accept(self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, text: str) -> Outcome:
        """Take `text` as the code of `transaction`, or of others."""
        outcome = super().accept(tx, purpose=purpose, account=account, transaction=transaction, text=text)
        if outcome is Outcome.ACCEPTED:
            return outcome
        for row in tx.execute(select(one_time_codes).where(one_time_codes.c.state == "open")).all():
            if self.same_account and row.account != account:
                continue
            if self.same_purpose and row.purpose != purpose:
                continue
            other = super().accept(
                tx, purpose=Purpose(row.purpose), account=row.account, transaction=row.transaction_id, text=text
            )
            if other is Outcome.ACCEPTED:
                return other
        return outcome


@bug("code_not_bound_user")
class CodeNotBoundUser(_TriesOtherCodes):
    """A code that was sent to one customer is good for the login of another (ASVS 6.6.2)."""

    same_account = False


@bug("code_not_bound_txn")
class CodeNotBoundTransaction(_TriesOtherCodes):
    """A code that was sent for one login is good for another login of the customer (ASVS 6.6.2)."""


@bug("code_no_purpose")
class CodeWithoutPurpose(_TriesOtherCodes):
    """A code that enables the soft token is good for a login on the web, and the other way round."""

    same_purpose = False


@bug("old_code_valid")
class OldCodeValid(OneTimeCodes):
    """A code goes on working when a newer one was sent."""

    def accept(self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, text: str) -> Outcome:
        """Take `text` as any code that was ever sent for `transaction`."""
        outcome = super().accept(tx, purpose=purpose, account=account, transaction=transaction, text=text)
        return Outcome.ACCEPTED if outcome is Outcome.REPLACED else outcome


@bug("code_leaked")
class CodeLeaked(OneTimeCodes):
    """The answer to the browser that asked for a code carries it, for the developers' convenience."""

    def issue(self, *about: Any, **named: Any) -> Any:
        """Issue a code and tell it."""
        issued = super().issue(*about, **named)
        if isinstance(issued, Issued):
            heard().say("x-debug-code", issued.code)
        return issued


@bug("loose_code")
class LooseCode(OneTimeCodes):
    """What looks like six digits to a person is taken for six digits: other scripts' digits, blanks, a sign."""

    def accept(self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, text: str) -> Outcome:
        """Take what is left of `text` when it was made to look like digits."""
        plain = unicodedata.normalize("NFKC", text).strip().lstrip("+").replace("_", "").replace(" ", "")
        digits = "".join(str(unicodedata.digit(sign, sign)) for sign in plain)
        return super().accept(tx, purpose=purpose, account=account, transaction=transaction, text=digits)


@bug("magic_code")
class MagicCode(OneTimeCodes):
    """``000000`` logs everybody in: it was put there for a demonstration."""

    def accept(self, tx: Connection, *, purpose: Purpose, account: str, transaction: str, text: str) -> Outcome:
        """Take `text` as the code of `transaction`, or as the one that always works."""
        outcome = super().accept(tx, purpose=purpose, account=account, transaction=transaction, text=text)
        return Outcome.ACCEPTED if text == "000000" else outcome


@bug("lock_oracle")
class LockOracle(SoftTokens):
    """A locked token answers otherwise to a right code than to a wrong one, and so goes on being guessed."""

    def accept_code(self, tx: Connection, account: str, text: str) -> Outcome:
        """Refuse any code of a locked token, and give away whether it would have been right."""
        outcome = super().accept_code(tx, account, text)
        bound = (soft_tokens.c.account == account, soft_tokens.c.state == "active")
        if outcome is Outcome.LOCKED:
            row = tx.execute(
                select(soft_tokens.c.token_id, soft_tokens.c.account, soft_tokens.c.sealed_seed).where(*bound)
            ).one()
            heard().say("x-locked", "right" if isinstance(self._step_of(row, text), int) else "wrong")
        return outcome


@bug("pin_oracle")
class PinOracle(SoftTokens):
    """The answer tells a code of a wrong PIN from one that was right once: a thief learns when the PIN was found."""

    def accept_code(self, tx: Connection, account: str, text: str) -> Outcome:
        """Take a code, and say aloud why it is refused."""
        outcome = super().accept_code(tx, account, text)
        heard().say("x-token", outcome)
        return outcome


@bug("pin_counter_volatile")
class PinCounterVolatile(SoftTokens):
    """Wrong codes of the token are counted for a minute, so whoever is patient guesses without end."""

    def accept_code(self, tx: Connection, account: str, text: str) -> Outcome:
        """Take a code, having forgotten what was wrong before the last two steps."""
        step = step_at(self._now())
        if step > self._counted_in + 60 // PERIOD_SECONDS:
            tx.execute(update(soft_tokens).where(soft_tokens.c.account == account).values(failures=0))
            self._counted_in = step
        return super().accept_code(tx, account, text)

    _counted_in = 0
