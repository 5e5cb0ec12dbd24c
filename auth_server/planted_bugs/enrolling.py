"""Bugs of enrolment: from the registration code to the active token."""

import logging
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, select, update
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from auth_server import phone_sessions
from auth_server.notices import Notices
from auth_server.one_time_codes import Outcome
from auth_server.planted_bugs.hearing import heard
from auth_server.planted_bugs.kinds import Layer, Trigger, bug
from auth_server.soft_token import SoftTokens, TokenSummary
from auth_server.tables import enrolments, registration_codes, soft_tokens
from auth_server.totp import matching_step, step_at

_log: Final = logging.getLogger(__name__)

_BINDING: Final = "/phone-api/v1/enrolment/binding"


@bug("pending_overwrites")
class PendingOverwrites(SoftTokens):
    """A new enrolment ends the token that works, before its own is proved (M19)."""

    def add_pending(self, tx: Connection, *, account: str, **named: Any) -> None:
        """Keep a token whose first code is awaited, and no other."""
        self.clear(tx, account)
        super().add_pending(tx, account=account, **named)


@bug("unconfirmed_active")
class UnconfirmedActive(SoftTokens):
    """A token counts as bound before it gave a single code (M19)."""

    def add_pending(self, tx: Connection, *, account: str, **named: Any) -> None:
        """Keep a token as if its first code had come."""
        super().add_pending(tx, account=account, **named)
        statement = update(soft_tokens).where(soft_tokens.c.account == account, soft_tokens.c.state == "pending")
        tx.execute(statement.values(state="active", activated_at=self._now()))


@bug("bind_cross_user")
class BindAcrossUsers(Layer):
    """A registration code is good for whoever types it first, whoever it was mailed to (ASVS 8.2.2)."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make the code one of the customer who is logged in."""
        if scope["path"] == _BINDING:
            await run_in_threadpool(self._hand_over)
        await self.app(scope, receive, send)

    def _hand_over(self) -> None:
        call, broker = heard(), self.broker
        code = call.fields.get("code", "")
        with broker.database.writing() as tx:
            token = call.headers.get("authorization", "").removeprefix("Bearer ")
            session = phone_sessions.find(tx, token, broker.settings, at=broker.now())
            if session is None:
                return
            own = select(enrolments.c.enrolment_id).where(
                enrolments.c.account == session.account, enrolments.c.ended_at.is_(None)
            )
            tx.execute(
                update(registration_codes)
                .where(
                    registration_codes.c.code_mac == broker.mac.of("registration", code),
                    registration_codes.c.account != session.account,
                )
                .values(account=session.account, enrolment_id=own.scalar_subquery())
            )


@bug("enrol_token_replay")
class RegistrationCodeReplay(Trigger):
    """An old registration code works again in the customer's next enrolment (CVE-2026-37982)."""

    statement = """
        CREATE TRIGGER enrol_token_replay AFTER UPDATE OF step ON enrolments WHEN NEW.step = 'binding' BEGIN
            UPDATE registration_codes SET state = 'open', enrolment_id = NEW.enrolment_id
            WHERE account = NEW.account AND state <> 'open';
        END"""


@bug("qr_is_seed")
class QrIsSeed(SoftTokens):
    """The code in the QR picture is all that a phone needs to make valid codes: who copies it has a second token."""

    def add_pending(self, tx: Connection, *, account: str, **named: Any) -> None:
        """Keep a token, and what can be made of its registration code alone."""
        self._seeds = {**self._seeds, account: sha256(heard().fields.get("code", "").encode()).digest()}
        super().add_pending(tx, account=account, **named)

    def accept_code(self, tx: Connection, account: str, text: str) -> Outcome:
        """Take a code of either seed."""
        outcome = super().accept_code(tx, account, text)
        now = step_at(self._now())
        if account in self._seeds and matching_step(self._seeds[account], text, (now - 1, now, now + 1)) is not None:
            return Outcome.ACCEPTED
        return outcome

    _seeds: dict[str, bytes] = {}  # noqa: RUF012 - never changed in place


@bug("seed_in_log")
class SeedInLog(SoftTokens):
    """The seed of each new token is written into the log (ASVS 16.2.5)."""

    def add_pending(self, tx: Connection, *, seed: bytes, **named: Any) -> None:
        """Keep a token, and tell the log."""
        _log.warning("a token is made with the seed %s", seed.hex())
        super().add_pending(tx, seed=seed, **named)


@bug("clone_ok")
class CloneIsTheSame(SoftTokens):
    """Any phone of an account that has a token passes for the one that holds it (MASVS-STORAGE-1)."""

    def active_on(self, tx: Connection, account: str, device_key: bytes) -> TokenSummary | None:
        """Find the bound token, which lives in whichever phone one has in the hand."""
        return super().active_on(tx, account, device_key) or self.active(tx, account)


@bug("revoke_late")
class RevokedLate(Trigger):
    """A token that was cleared works on (ASVS 6.5.6)."""

    statement = """
        CREATE TRIGGER revoke_late AFTER UPDATE OF state ON soft_tokens
        WHEN OLD.state = 'active' AND NEW.state = 'ended' BEGIN
            UPDATE soft_tokens SET state = 'active', sealed_seed = OLD.sealed_seed, ended_at = NULL
            WHERE token_id = NEW.token_id;
        END"""


@bug("no_notice")
class NoNotice(Notices):
    """Nobody is told of what was done in their name (M32)."""

    def tell(self, *about: Any, **named: Any) -> None:
        """Tell nobody."""
