"""The broker's app without a screen. Screens call these methods and show what they say; nothing else is needed."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from simulator.phone import Phone
from simulator.securities import bind, enrolment, login
from simulator.securities.answers import Delivery, SettingsAnswer
from simulator.securities.api import BrokerApi, Refused, ServerBroken, ServerUnreachable
from simulator.securities.refusals import AppRefusal, Field, SessionEnded
from simulator.securities.states import (
    EnrolmentStep,
    FirstStart,
    LoginState,
    RootedPolicy,
    Session,
    TokenCode,
    TokenEnd,
    TokenState,
)
from simulator.securities.workings import Workings
from simulator.storage import StorageDamaged

if TYPE_CHECKING:
    from simulator.securities.account_settings import AccountSettings
    from simulator.securities.biometric_service import BiometricService
    from simulator.securities.token_use import UnlockedToken

__all__ = [
    "AppRefusal",
    "EnrolmentStep",
    "Field",
    "FirstStart",
    "LoginState",
    "RootedPolicy",
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

    Args:
        phone: Where it is installed.
        api: Its server.
        rooted: What it does on a phone whose protection is broken.
    """

    def __init__(self, phone: Phone, api: BrokerApi, *, rooted: RootedPolicy = RootedPolicy.WARN) -> None:
        self._workings = Workings(phone, api, rooted=rooted)

    # What a first journey does not need is loaded when it is first used

    @cached_property
    def settings(self) -> "AccountSettings":
        """設定: the account, its password, clearing its token (M20)."""
        from simulator.securities.account_settings import AccountSettings  # noqa: PLC0415

        return AccountSettings(self._workings)

    @property
    def settings_shown(self) -> SettingsAnswer | None:
        """What the server told last of the account in this session, if it was asked."""
        return self._workings.settings

    @cached_property
    def biometrics(self) -> "BiometricService":
        """生物認證服務 (M21, M30)."""
        from simulator.securities.biometric_service import BiometricService  # noqa: PLC0415

        return BiometricService(self._workings)

    # The phone that it is on

    @property
    def is_barred(self) -> bool:
        """Whether the app does nothing on this phone, because its protection is broken."""
        return self._workings.is_barred

    @property
    def warns_of_rooting(self) -> bool:
        """Whether the phone's protection is broken and the app works all the same."""
        return self._workings.phone.settings.rooted and not self._workings.is_barred

    @property
    def server_origin(self) -> str:
        """The address of the app's server."""
        return self._workings.api.origin

    @property
    def clock_ahead_seconds(self) -> float:
        """How far the phone's clock is ahead of the server's, when that is too far for codes to be taken; else 0."""
        return self._workings.clock_ahead_seconds if self._workings.clock_is_off else 0.0

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
        """The account that the app speaks of while nobody is logged in: the main one, else the last; may be empty."""
        if self._workings.vault.damaged:
            return ""
        records = self._workings.vault.records
        return records.main_account or records.last_account

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
    def delivery(self) -> Delivery | None:
        """How that message fares, as far as `look_after_message` has learned."""
        return self._workings.delivery

    async def look_after_message(self) -> None:
        """Ask the server how the message fares that the customer waits for; nothing is said when that fails."""
        if await enrolment.look_after_message(self._workings):
            self._workings.phone.announce_change()

    @property
    def token_end(self) -> TokenEnd | None:
        """Why there is no token any more where `token` says that it has ended."""
        return None if self._workings.vault.damaged else self._workings.record.ended

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

    @property
    def opens_by_biometrics(self) -> bool:
        """Whether the token can be opened by face or finger too (M30), as far as the phone knows."""
        return self.token is TokenState.ACTIVE and self._workings.record.biometrics is not None

    async def unlock_token(self, pin: str) -> "UnlockedToken":
        """Open the token for half a minute (M29). A wrong PIN opens it to other codes: only the server can tell.

        Where the phone counts wrong PINs itself, one is refused, and the tenth in a row raises `TokenEnded`.
        """
        from simulator.securities.token_use import unlock  # noqa: PLC0415 - a first journey needs no code

        async with self._workings.turn():
            return await unlock(self._workings, pin)

    async def token_code(self, pin: str) -> TokenCode:
        """The token's code of this moment; the token is closed again."""
        token = await self.unlock_token(pin)
        code = token.code()
        token.close()
        assert code is not None, "a token that was opened at this very moment is open"
        return code

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
