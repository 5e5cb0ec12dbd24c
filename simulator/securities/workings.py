"""What the parts of the app share: the phone, the server, what is kept, and who is logged in."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Final

from simulator.language import translate
from simulator.phone import Phone
from simulator.securities.api import BrokerApi, Refused, ServerBroken, ServerSlow, ServerStep, ServerUnreachable
from simulator.securities.records import AccountRecord
from simulator.securities.refusals import AppRefusal, Field, SessionEnded
from simulator.securities.states import Session
from simulator.securities.vault import Vault
from simulator.storage import StorageDamaged, StorageError, StorageFull

_ABOUT_A_FIELD: Final = frozenset({"wrong-code", "wrong-registration-code"})
"""The server's refusals that speak of what was typed; others speak of the whole screen."""

_CLOCK_TOLERANCE_SECONDS: Final = 30
"""A code is accepted one step early or late (docs/phone-api.md); a clock further off than that gives none that is."""


class Workings:
    """One app's shared state. The memory-only part of it ends with the app; the rest is in the vault."""

    def __init__(self, phone: Phone, api: BrokerApi) -> None:
        self.phone = phone
        self.api = api
        self.vault = Vault(phone.storage)
        self.session: Session | None = None
        self.server_step = ServerStep.NONE
        self.sent_to = ""
        self.pin: str | None = None
        self.clock_ahead_seconds = 0.0
        """How far the phone's clock was ahead of the server's when the server last told the time."""
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
    def asking(self, field: Field | None = None) -> Generator[None]:
        """Around whatever asks the server or touches the storage: what goes wrong becomes an `AppRefusal`.

        `field` is the one whose content the server may refuse.
        """
        try:
            yield
        except Refused as refused:
            if refused.code == "not-logged-in":
                self.forget_session()
                raise SessionEnded(refused.message) from refused
            at_fault = field if refused.code in _ABOUT_A_FIELD else None
            raise AppRefusal(refused.message, at_fault, retry_after=refused.retry_after) from refused
        except ServerSlow as error:
            raise self.refusal("伺服器沒有回應。請稍後再試。") from error
        except ServerUnreachable as error:
            raise self.refusal("未能連接伺服器。請檢查網絡後再試。") from error
        except ServerBroken as error:
            raise self.refusal("伺服器暫時未能提供服務。請稍後再試。") from error
        except StorageDamaged as error:
            raise self.refusal("此電話上的應用程式資料已損毀。請清除資料，再重新設定保安編碼器。") from error
        except StorageFull as error:
            raise self.refusal("電話的儲存空間不足，未能儲存。請騰出空間後再試。") from error
        except StorageError as error:
            raise self.refusal("電話的儲存空間發生問題，未能儲存。請稍後再試。") from error

    def need_network(self) -> None:
        """Raise an `AppRefusal` when the phone is in aeroplane mode: nothing is sent then."""
        if not self.phone.network_on:
            raise self.refusal("電話沒有連接網絡。請開啟網絡後再試。")

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
        self.pin = None

    def note_server_time(self, server_time: int) -> None:
        """Compare the clocks."""
        self.clock_ahead_seconds = self.phone.now() - server_time

    @property
    def clock_is_off(self) -> bool:
        """Whether the phone's clock differs from the server's by more than a code's tolerance."""
        return abs(self.clock_ahead_seconds) > _CLOCK_TOLERANCE_SECONDS

    # What is kept

    @property
    def account(self) -> str:
        """The account that the app speaks of: the one logged in, else the last one; may be empty."""
        return self.session.account if self.session is not None else self.vault.records.last_account

    @property
    def record(self) -> AccountRecord:
        """What is kept for that account."""
        return self.vault.records.of(self.account)

    def keep(self, record: AccountRecord) -> None:
        """Keep it for the account that is logged in."""
        account = self.logged_in().account
        if record != self.record:
            self.vault.keep(self.vault.records.with_account(account, record))

    def drop_pending(self) -> None:
        """Forget a binding that has come to nothing."""
        self.keep(replace(self.record, pending=None))
