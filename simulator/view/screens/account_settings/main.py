"""設定: its two tabs 帳戶設定 and 一般設定, and the choice of the main account (M20)."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from typing import ClassVar, Final

from textual.app import ComposeResult

from simulator.securities.answers import TokenStanding
from simulator.securities.refusals import AppRefusal, SessionEnded
from simulator.settings import Language
from simulator.view.screens.account import AccountScreen
from simulator.view.screens.screen import Opening, PhoneScreen
from simulator.view.widgets.frame import local_time
from simulator.view.widgets.service import Service
from simulator.view.widgets.setting import Setting
from simulator.view.widgets.still import Row
from simulator.view.widgets.tab import Tab
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

_LANGUAGES: Final[dict[Language, str]] = {"zh-Hant": "繁體中文", "en": "English"}


async def open_settings(screen: PhoneScreen) -> None:
    """Ask the server how things stand and go to 帳戶設定; what can be set is there also without an answer."""
    trouble = None
    try:
        await screen.ask(screen.securities.settings.load())
    except SessionEnded:
        raise
    except AppRefusal as refusal:
        trouble = refusal
    await back_to_settings(screen)
    if trouble is not None:
        raise trouble


async def back_to_settings(screen: PhoneScreen, *on_top: Opening) -> None:
    """Go to 帳戶設定, or to what stands on top of it, with the account behind."""
    await screen.view.start(AccountScreen, AccountSettingsScreen, *on_top)


def _tabs(screen: PhoneScreen, chosen: Opening) -> Row:
    """The headings of both tabs; `chosen` is the one that shows."""
    tabs: tuple[tuple[str, Opening, str], ...] = (
        ("帳戶設定", AccountSettingsScreen, "account-tab"),
        ("一般設定", GeneralSettingsScreen, "general-tab"),
    )
    return Row(
        *(
            Tab(screen.say(words), partial(screen.view.replace, opening), id=id, chosen=opening is chosen)
            for words, opening, id in tabs
        ),
        classes="-tabs",
    )


class AccountSettingsScreen(PhoneScreen):
    """投資帳戶, 帳戶安全, 清除設定 and 登出."""

    NAME: ClassVar[str] = "account-settings"

    @property
    def title(self) -> str:
        return self.say("設定")

    def body(self) -> ComposeResult:
        say, settings = self.say, self.securities.settings
        yield _tabs(self, AccountSettingsScreen)
        yield Words(say("投資帳戶"), classes="-heading")
        main = say("設定主要帳戶 {account}", account=settings.main_account)
        yield Service(main, "", self._to(_main_account), id="main-account")
        yield Words(say("帳戶安全"), classes="-heading")
        yield Service(
            say("更改密碼"), say("設定"), self._to(_password), id="change-password", note=self._password_note()
        )
        yield Service(
            say("保安編碼認證服務"), say("設定"), self._to(_token), id="token-service", note=self._token_note()
        )
        enabled = self.securities.opens_by_biometrics
        yield Service(
            say("生物認證服務"),
            say("停用") if enabled else say("啟用"),
            self._open_biometrics,
            id="biometrics",
            note=say("✔ 已啟用") if enabled else "",
        )
        yield Words(self.securities.biometrics.suspended_for, classes="-waiting -tight")
        yield Words(say("清除設定"), classes="-heading")
        yield Service(say("保安編碼認證服務"), say("清除"), self._to(_clearing), id="clear-token")

    def foot(self) -> ComposeResult:
        yield Touch(self.say("登出"), self._log_out, id="log-out")

    def _to(self, opening: Callable[[], Opening]) -> Callable[[], Awaitable[None]]:
        """An action that shows a screen, which is loaded when it is shown."""
        return lambda: self.view.show(opening())

    def _password_note(self) -> str:
        shown = self.securities.settings_shown
        return self.say("有效期至 {day}", day=_day(shown.password.expires_at)) if shown else ""

    def _token_note(self) -> str:
        shown = self.securities.settings_shown
        return "" if shown is None else self.say(TOKEN_NOTES[shown.token])

    async def _open_biometrics(self) -> None:
        from simulator.view.screens.account_settings.biometrics import open_service  # noqa: PLC0415 - when opened

        await open_service(self)

    async def _log_out(self) -> None:
        await self.ask(self.securities.log_out())
        await self.view.open_entry()


TOKEN_NOTES: Final = {
    TokenStanding.NONE: "… 尚未啟用",
    TokenStanding.ACTIVE: "✔ 已啟用",
    TokenStanding.LOCKED: "✘ 已鎖定",
    TokenStanding.ELSEWHERE: "… 在另一部電話上",
}
"""How the token stands, in a few words."""


class GeneralSettingsScreen(PhoneScreen):
    """The app's language and looks, and what it is."""

    NAME: ClassVar[str] = "general-settings"

    @property
    def title(self) -> str:
        return self.say("設定")

    def body(self) -> ComposeResult:
        say = self.say
        yield _tabs(self, GeneralSettingsScreen)
        yield Setting(
            say("語言"), self._turn_language, id="language", value=lambda: self.say(_LANGUAGES[self.phone.language])
        )
        yield Setting(say("外觀"), self._turn_light, id="appearance", value=self._appearance)
        yield Words(say("關於本程式"), classes="-heading")
        yield Words(say("鉅亨證券 2，版本 {version}", version=version("twofold")))
        yield Words(self.securities.server_origin, classes="-quiet")

    def phone_changed(self) -> None:
        for setting in self.query(Setting):
            setting.refresh()

    def _appearance(self) -> str:
        return self.say("深色") if self.view.host.current_theme.dark else self.say("淺色")

    def _turn_light(self) -> None:
        self.phone.change(replace(self.phone.settings, light=self.view.host.current_theme.dark))

    async def _turn_language(self) -> None:
        other: Language = "en" if self.phone.language == "zh-Hant" else "zh-Hant"
        self.phone.change(replace(self.phone.settings, language=other))
        await self.view.replace(GeneralSettingsScreen)


class MainAccountScreen(PhoneScreen):
    """Which account the app speaks of while nobody is logged in."""

    NAME: ClassVar[str] = "main-account"

    @property
    def title(self) -> str:
        return self.say("設定主要帳戶")

    def body(self) -> ComposeResult:
        settings = self.securities.settings
        yield Words(self.say("未登入時，本程式會顯示主要帳戶的保安編碼器，並預先填寫其用戶名稱。"))
        if len(settings.accounts) == 1:
            yield Words(self.say("以其他帳戶登入後，該帳戶亦會在此顯示。"), classes="-quiet")
        for number, account in enumerate(settings.accounts, 1):
            yield Service(
                account,
                self.say("主要帳戶") if account == settings.main_account else self.say("選擇"),
                partial(self._choose, account),
                id=f"account-{number}",
            )

    async def _choose(self, account: str) -> None:
        await self.securities.settings.choose_main_account(account)
        await self.view.replace(MainAccountScreen)


def _main_account() -> Opening:
    return MainAccountScreen


def _password() -> Opening:
    from simulator.view.screens.account_settings.password import ChangePasswordScreen  # noqa: PLC0415 - when opened

    return ChangePasswordScreen


def _token() -> Opening:
    from simulator.view.screens.account_settings.token import TokenServiceScreen  # noqa: PLC0415 - when opened

    return TokenServiceScreen


def _clearing() -> Opening:
    from simulator.view.screens.account_settings.token import ClearTokenScreen  # noqa: PLC0415 - when opened

    return ClearTokenScreen


def _day(moment: float) -> str:
    return f"{local_time(moment):%Y-%m-%d}"
