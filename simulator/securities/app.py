"""The broker's app without a screen. Screens call these methods and show what they say; nothing else is needed."""

import asyncio
from contextlib import suppress
from dataclasses import replace

from simulator.phone import Phone
from simulator.securities import bind, enrolment, login
from simulator.securities.api import BrokerApi, Refused, ServerBroken, ServerUnreachable
from simulator.securities.keys import SealBroken
from simulator.securities.pins import PIN_FORM
from simulator.securities.refusals import AppRefusal, Field, SessionEnded
from simulator.securities.soft_token import code_at, unseal
from simulator.securities.states import EnrolmentStep, FirstStart, LoginState, Session, TokenCode, TokenState
from simulator.securities.workings import Workings
from simulator.storage import StorageDamaged

__all__ = [
    "AppRefusal",
    "EnrolmentStep",
    "Field",
    "FirstStart",
    "LoginState",
    "SecuritiesApp",
    "Session",
    "SessionEnded",
    "TokenCode",
    "TokenState",
]


class SecuritiesApp:
    """「鉅亨證券 2」 on one phone, talking to one server.

    Every method that does something raises `AppRefusal`, with a sentence for the customer, when it was not done, and
    tells the phone's subscribers when it has ended either way. What has been done survives the app being killed at any
    moment: a new `SecuritiesApp` on the same phone's folder goes on where it stopped. Constructing one reads and makes
    nothing yet.
    """

    def __init__(self, phone: Phone, api: BrokerApi) -> None:
        self._workings = Workings(phone, api)

    # First start: M9, M10, M11

    @property
    def progress(self) -> FirstStart:
        """The step of the first start that is next; READY when the app's data is damaged, for it was used before."""
        try:
            return self._workings.vault.records.first_start
        except StorageDamaged:
            return FirstStart.READY

    async def answer_permission(self, allowed: bool) -> None:
        """Note whether the app may send notifications. Either answer leads on (M9)."""
        with self._workings.asking():
            self._workings.phone.notifications_allowed = allowed
        self._go_on_from(FirstStart.PERMISSION, FirstStart.DISCLAIMER)

    async def accept_disclaimer(self) -> None:
        """The customer understands and agrees (M10)."""
        self._go_on_from(FirstStart.DISCLAIMER, FirstStart.TUTORIAL)

    async def finish_tutorial(self) -> None:
        """The customer has seen the tutorial (M11)."""
        self._go_on_from(FirstStart.TUTORIAL, FirstStart.READY)

    # Login: M12, M24

    @property
    def session(self) -> Session | None:
        """Who is logged in, or None."""
        return self._workings.session

    @property
    def last_account(self) -> str:
        """The account that was logged in last on this phone; else empty."""
        return "" if self._workings.vault.damaged else self._workings.vault.records.last_account

    async def log_in(self, account: str, password: str) -> Session:
        """Log in with account number and password; the phone proves its device key."""
        async with self._workings.turn():
            return await login.log_in(self._workings, account, password)

    async def log_out(self) -> None:
        """End the session. On the phone it ends even when the server cannot be told."""
        async with self._workings.turn():
            session = self._workings.session
            self._workings.forget_session()
            if session is not None and self._workings.phone.network_on:
                with suppress(Refused, ServerUnreachable, ServerBroken):
                    await self._workings.api.log_out(session.secret)

    # The token: M13 to M19, M29

    @property
    def token(self) -> TokenState:
        """What the phone has of a token for the account that is logged in, else for the one that was last."""
        return enrolment.token_state(self._workings)

    @property
    def enrolment_step(self) -> EnrolmentStep:
        """The next thing to do to get a token. Without a session it is NONE or ACTIVE."""
        return enrolment.enrolment_step(self._workings)

    @property
    def sent_to(self) -> str:
        """Where the last SMS or mail of the enrolment went, as the server shows it (`+852 •••• 0101`); else empty."""
        return self._workings.sent_to

    @property
    def needs_pin(self) -> bool:
        """Whether the enrolment waits for the customer to choose the PIN (after a restart: again)."""
        return self.enrolment_step is EnrolmentStep.CHOOSE_PIN

    async def start_enrolment(self) -> None:
        """The customer consents: the server sends an SMS code (M13)."""
        async with self._workings.turn():
            await enrolment.start_enrolment(self._workings)

    async def resend_activation_code(self) -> None:
        """Have a new SMS code sent; the older one ends (M14). When too soon, `retry_after` tells how long to wait."""
        await self.start_enrolment()

    async def confirm_sms_code(self, text: str) -> None:
        """Prove the 6-digit code of the SMS (M14)."""
        async with self._workings.turn():
            await enrolment.confirm_sms_code(self._workings, text)

    async def choose_pin(self, pin: str, again: str) -> None:
        """Choose the token PIN, typed twice (M15). It is kept in memory until the seed is sealed under it."""
        async with self._workings.turn():
            enrolment.choose_pin(self._workings, pin, again)

    async def request_registration(self) -> None:
        """Have the mail with registration code and QR code sent (M16). Called again it sends a new one."""
        async with self._workings.turn():
            await enrolment.request_registration(self._workings)

    async def bind_with_qr(self, text: str) -> None:
        """Bind with the text of the mail's QR code (M17)."""
        async with self._workings.turn():
            await bind.bind_with_qr(self._workings, text)

    async def bind_with_picture(self, picture: bytes) -> None:
        """Bind with the QR code in a picture that the camera sees (M17)."""
        from simulator import qr  # noqa: PLC0415 - what reads pictures is loaded when there is one to read

        words = self._workings
        try:
            text = await asyncio.to_thread(qr.read_code, picture)
        except qr.NoCode as error:
            raise words.refusal("畫面上沒有二維碼。請將鏡頭對準電郵內的二維碼。") from error
        except qr.SeveralCodes as error:
            raise words.refusal("畫面上有多於一個二維碼。請只對準電郵內的一個。") from error
        except qr.NotAPicture as error:
            raise words.refusal("相機未能讀取此畫面。請再試。") from error
        await self.bind_with_qr(text)

    async def bind_with_code(self, account: str, text: str) -> None:
        """Bind with the account number and the typed or pasted registration code (M18)."""
        async with self._workings.turn():
            await bind.bind_with_code(self._workings, account, text)

    async def finish_binding(self) -> None:
        """Go on with a binding whose end is not known (M19)."""
        async with self._workings.turn():
            await bind.finish_binding(self._workings)

    async def token_code(self, pin: str) -> TokenCode:
        """The token's code of this moment (M29). A wrong PIN gives another, plausible one: only the server can tell."""
        workings = self._workings
        if not PIN_FORM.fullmatch(pin):
            raise workings.refusal("保安編碼器密碼必須是6位數字。", Field.PIN)
        with workings.asking():
            token = workings.record.token
            if token is None or self.token is not TokenState.ACTIVE:
                raise workings.refusal("此電話尚未啟用保安編碼器。")
            try:
                seed = await asyncio.to_thread(unseal, token, pin=pin, keys=workings.vault.keys)
            except SealBroken as error:
                raise StorageDamaged("the token on this phone was touched") from error
            return code_at(seed, workings.phone.now())

    # The way out of damage

    async def clear_damaged(self) -> None:
        """Remove the app's data when it is damaged: the app is then as newly installed, and the token set up anew.

        Nothing happens when it is not damaged.
        """
        async with self._workings.turn():
            if self._workings.vault.damaged:
                self._workings.forget_session()
                with self._workings.asking():
                    self._workings.vault.clear()

    def _go_on_from(self, step: FirstStart, following: FirstStart) -> None:
        """Take one step of the first start; one that was taken before stays taken."""
        workings = self._workings
        with workings.asking():
            records = workings.vault.records
            if records.first_start is step:
                workings.vault.keep(replace(records, first_start=following))
        workings.phone.announce_change()
