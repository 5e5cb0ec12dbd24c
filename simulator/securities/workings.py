"""What the parts of the app share: the phone, the server, what is kept, and who is logged in."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Final

from simulator.language import translate
from simulator.phone import Phone
from simulator.securities.answers import BiometricsStanding, Delivery, ServerStep, SettingsAnswer, TokenStanding
from simulator.securities.api import BrokerApi, Refused, ServerBroken, ServerFailed, ServerSlow, ServerUnreachable
from simulator.securities.records import AccountRecord
from simulator.securities.refusals import AppRefusal, Field, SessionEnded
from simulator.securities.states import RootedPolicy, Session, TokenEnd
from simulator.securities.vault import Vault
from simulator.storage import StorageDamaged, StorageError, StorageFull

_FIELD_OF: Final = {
    "wrong-code": Field.SMS_CODE,
    "wrong-registration-code": Field.REGISTRATION_CODE,
    "wrong-password": Field.CURRENT_PASSWORD,
    "password-refused": Field.NEW_PASSWORD,
    "wrong-pin": Field.PIN,
}
"""The server's refusals that speak of what was typed; others speak of the whole screen."""

_MINUTE_SECONDS: Final = 60

_CLOCK_TOLERANCE_SECONDS: Final = 30
"""A code is accepted one step early or late (docs/phone-api.md); a clock further off than that gives none that is."""


class Workings:
    """One app's shared state. The memory-only part of it ends with the app; the rest is in the vault."""

    def __init__(self, phone: Phone, api: BrokerApi, *, rooted: RootedPolicy) -> None:
        self.phone = phone
        self.api = api
        self.rooted_policy = rooted
        self.vault = Vault(phone.storage)
        self.session: Session | None = None
        self.server_step = ServerStep.NONE
        self.sent_to = ""
        self.delivery: Delivery | None = None
        self.pin: str | None = None
        self.settings: SettingsAnswer | None = None
        self.expired_login: tuple[str, str] | None = None
        """Account and password of a login that was right, but for the age of the password (M8)."""
        self._clock_compared: tuple[float, float] | None = None
        self._one_at_a_time = asyncio.Lock()

    # Words

    def refusal(self, text: str, field: Field | None = None, **values: object) -> AppRefusal:
        """An `AppRefusal` in the phone's language; `values` fill the places of `text`."""
        return AppRefusal(self.words(text, **values), field)

    def words(self, text: str, **values: object) -> str:
        """A text in the phone's language."""
        return translate(text, self.phone.language).format(**values)

    # The server

    @asynccontextmanager
    async def turn(self) -> AsyncGenerator[None]:
        """Around everything that changes where the customer stands: one such thing at a time, and then all are told."""
        async with self._one_at_a_time:
            try:
                yield
            finally:
                self.phone.announce_change()

    @contextmanager
    def asking(self) -> Generator[None]:
        """Around whatever asks the server or touches the storage: what goes wrong becomes an `AppRefusal`."""
        self.api.language = self.phone.language
        try:
            yield
        except Refused as refused:
            if refused.code == "not-logged-in":
                self.forget_session()
                raise SessionEnded(refused.message) from refused
            at_fault = _FIELD_OF.get(refused.code)
            raise AppRefusal(self._said(refused), at_fault, retry_after=refused.retry_after) from refused
        except ServerSlow as error:
            raise self.refusal("伺服器沒有回應。請稍後再試。") from error
        except ServerUnreachable as error:
            raise self.refusal("未能連接伺服器。請檢查網絡後再試。") from error
        except ServerFailed as error:
            raise self.refusal("伺服器暫時未能提供服務。請稍後再試。") from error
        except ServerBroken as error:
            raise self.refusal("未能讀取伺服器的回覆。請稍後再試；如仍未能成功，請更新應用程式。") from error
        except StorageDamaged as error:
            raise self.refusal("此電話上的應用程式資料已損毀。請清除資料，再重新設定保安編碼器。") from error
        except StorageFull as error:
            raise self.refusal("電話的儲存空間不足，未能儲存。請騰出空間後再試。") from error
        except StorageError as error:
            raise self.refusal("電話的儲存空間發生問題，未能儲存。請稍後再試。") from error

    def need_network(self) -> None:
        """Raise an `AppRefusal` when the phone has no network, or is not to be trusted: nothing is sent then."""
        self.need_trust()
        if not self.phone.network_on:
            raise self.refusal("電話沒有連接網絡。請開啟網絡後再試。")

    @property
    def is_barred(self) -> bool:
        """Whether the app is not to work on this phone: its protection is broken, and the broker does not bear that."""
        return self.phone.settings.rooted and self.rooted_policy is RootedPolicy.REFUSE

    def need_trust(self) -> None:
        """Raise an `AppRefusal` when the app is not to work on this phone."""
        if self.is_barred:
            raise self.refusal("此電話已越獄或已取得最高權限。為保障您的帳戶，本程式不能在此電話上使用。")

    def logged_in(self) -> Session:
        """The session. Raises `SessionEnded` when there is none."""
        if self.session is None:
            raise SessionEnded(self.words("請先登入。"))
        return self.session

    def forget_session(self) -> None:
        """Drop all that lives only as long as a session."""
        self.session = None
        self.server_step = ServerStep.NONE
        self.sent_to = ""
        self.delivery = None
        self.pin = None
        self.settings = None

    def note_server_time(self, server_time: int) -> None:
        """Compare the clocks."""
        self._clock_compared = self.phone.now() - server_time, self.phone.clock_offset_seconds

    @property
    def clock_ahead_seconds(self) -> float:
        """How far the phone's clock is ahead of the server's, as far as known: 0 before the server has told the time.

        When its owner has set the clock since, the phone knows by how much.
        """
        if self._clock_compared is None:
            return 0.0
        ahead_then, offset_then = self._clock_compared
        return ahead_then + self.phone.clock_offset_seconds - offset_then

    @property
    def clock_is_off(self) -> bool:
        """Whether the phone's clock differs from the server's by more than a code's tolerance."""
        return abs(self.clock_ahead_seconds) > _CLOCK_TOLERANCE_SECONDS

    # What is kept

    @property
    def account(self) -> str:
        """The account that the app speaks of: the one logged in, else the main or the last one; may be empty."""
        records = self.vault.records
        return self.session.account if self.session is not None else records.main_account or records.last_account

    @property
    def record(self) -> AccountRecord:
        """What is kept for that account."""
        return self.vault.records.of(self.account)

    def keep(self, record: AccountRecord) -> None:
        """Keep it for the account that the app speaks of."""
        if record != self.record:
            self.vault.keep(self.vault.records.with_account(self.account, record))

    def drop_pending(self) -> None:
        """Forget a binding that has come to nothing."""
        self.keep(replace(self.record, pending=None))

    def drop_biometrics(self) -> None:
        """Forget the biometric copy of the seed: it never opens again."""
        self.keep(replace(self.record, biometrics=None))

    def follow_settings(self, settings: SettingsAnswer) -> None:
        """Take what the server tells of the account, and drop what it has ended meanwhile (M22, M23)."""
        session, token = self.logged_in(), self.record.token
        if settings.account != session.account:
            raise ServerBroken("the settings are another account's")
        self.settings = settings
        if token is not None and token.token_id != session.token_id:
            self.end_token(TokenEnd.MOVED if settings.token is TokenStanding.ELSEWHERE else TokenEnd.CLEARED)
        elif settings.biometrics is not BiometricsStanding.ACTIVE:
            self.drop_biometrics()

    def end_token(self, why: TokenEnd | None) -> None:
        """Forget the token and all that goes with it."""
        self.keep(replace(self.record, token=None, pin_guard=None, biometrics=None, ended=why))

    def _said(self, refused: Refused) -> str:
        """The server's own words: each broken rule on a line, and how long to wait where it tells."""
        words = "\n".join(rule.message for rule in refused.rules) or refused.message
        wait = refused.retry_after
        if not wait:
            return words
        if wait < _MINUTE_SECONDS:
            return words + self.words("（{count}秒後可再試）", count=wait)
        return words + self.words("（約{count}分鐘後可再試）", count=-(-wait // _MINUTE_SECONDS))
