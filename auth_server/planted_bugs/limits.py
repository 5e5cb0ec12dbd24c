"""Bugs of counting: a limit that is not there, or that an attacker can start anew."""

from typing import Any, ClassVar

from sqlalchemy import delete, update

from auth_server import lockout
from auth_server.accounts import read_account
from auth_server.database import Database
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import LiftedLimit, Trigger, bug
from auth_server.tables import limits, one_time_codes
from auth_server.web_login import WebLogins

_NEVER = LiftedLimit.NEVER


@bug("no_limit")
class NoLimit(LiftedLimit):
    """Codes may be guessed until one is right (ASVS 6.6.3)."""

    lifted: ClassVar = {"code_tries": _NEVER, "token_tries": _NEVER}


@bug("late_code_valid")
class LateCodeValid(LiftedLimit):
    """A one-time code works for ever (ASVS 6.5.5: ten minutes at the most)."""

    lifted: ClassVar = {"code_life_seconds": _NEVER}


@bug("no_send_cap")
class NoSendCap(LiftedLimit):
    """Any number of codes is sent, at the customer's cost and to the customer's weariness (ASVS 6.6.4)."""

    lifted: ClassVar = {"code_sends_per_hour": _NEVER}


@bug("regcode_no_limit")
class RegistrationCodeNoLimit(LiftedLimit):
    """Registration codes may be guessed without end."""

    lifted: ClassVar = {"registration_code_tries": _NEVER}


@bug("expiry_bypass")
class ExpiryBypass(LiftedLimit):
    """A password works for ever, though the rules give it ninety days (M8)."""

    lifted: ClassVar = {"password_life_seconds": _NEVER}


@bug("enrol_no_reauth")
class EnrolNoReauthentication(LiftedLimit):
    """A session of yesterday's login sets up a token: whoever finds the phone open binds one (NIST 63B-4, 6.1.2.1)."""

    lifted: ClassVar = {"enrolment_login_seconds": _NEVER}


@bug("counter_per_session")
class CounterPerSession(Trigger):
    """Each login has its own count of wrong codes, so a new login gives new tries."""

    statement = """
        CREATE TRIGGER counter_per_session AFTER INSERT ON web_logins BEGIN
            DELETE FROM limits WHERE key LIKE 'wrong %codes of %';
        END"""


@bug("counter_per_code")
class CounterPerCode(Trigger):
    """Each code has its own count of wrong tries, so having it sent again gives new tries."""

    statement = """
        CREATE TRIGGER counter_per_code AFTER INSERT ON one_time_codes BEGIN
            DELETE FROM limits WHERE key LIKE 'wrong %codes of %';
        END"""


@bug("lock_expiry_open")
class LockExpiryOpen(Trigger):
    """Once a lock has run out, it never closes again."""

    statement = """
        CREATE TRIGGER lock_expiry_open AFTER UPDATE OF window_ends_at ON limits
        WHEN NEW.window_ends_at > OLD.window_ends_at BEGIN
            UPDATE limits SET count = -1000000000 WHERE key = NEW.key;
        END"""


@bug("dos_lockout")
class LockoutAsDenialOfService(Trigger):
    """Ten wrong passwords, whoever types them, lock the account until the back office opens it (ASVS 6.1.1)."""

    statement = """
        CREATE TRIGGER dos_lockout AFTER UPDATE OF count ON limits
        WHEN NEW.key LIKE 'wrong passwords of %' AND NEW.count >= 10 BEGIN
            UPDATE accounts SET locked_at = 0 WHERE NEW.key LIKE 'wrong passwords of ' || account || '%';
        END"""


@bug("counter_by_alias")
class CounterByAlias(WebLogins):
    """Wrong passwords are counted by what was typed, so each spelling of an account number has tries of its own."""

    _spelling = ""

    def begin(self, database: Database, number: str, *about: Any, **named: Any) -> str | None:
        """Begin a login, counting anew when the number is written otherwise than the time before."""
        account = read_account(number)
        if account is not None and number != self._spelling:
            with database.writing() as tx:
                lockout.forgive(tx, lockout.password_counter(account))
        self._spelling = number
        return super().begin(database, number, *about, **named)


@bug("limit_by_xff")
class LimitByForwardedFor(Database):
    """Wrong tries are counted by the address that a request says it comes from (CWE-348)."""

    def writing(self) -> Any:
        """Give a transaction, in which a request that names an address has no wrong tries behind it."""
        if "x-forwarded-for" in heard().headers:
            with super().writing() as tx:
                tx.execute(update(one_time_codes).values(attempts=0))
                tx.execute(delete(limits).where(limits.c.key.like("wrong %")))
        return super().writing()
