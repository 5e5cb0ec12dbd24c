"""The first page of the Settings app, and what the phone says about itself."""

from dataclasses import replace
from importlib.metadata import version
from typing import ClassVar, Final

from textual.app import ComposeResult

from simulator.settings import Language, Network
from simulator.view.screens.settings.biometrics import BiometricsScreen
from simulator.view.screens.settings.clock import ClockScreen, offset_words
from simulator.view.screens.settings.page import SettingsPage
from simulator.view.screens.settings.permissions import PermissionsScreen
from simulator.view.screens.settings.storage import StorageScreen
from simulator.view.widgets.setting import Setting, after
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

_LANGUAGES: Final[dict[Language, str]] = {"zh-Hant": "繁體中文", "en": "English"}
_NETWORKS: Final = {Network.ON: "正常", Network.SLOW: "緩慢", Network.OFF: "關閉"}


class SettingsScreen(SettingsPage):
    """All that can be set."""

    NAME: ClassVar[str] = "settings"

    @property
    def title(self) -> str:
        return self.say("設定")

    def body(self) -> ComposeResult:
        phone, say = self.phone, self.say
        with Column(classes="-settings"):
            yield Setting(
                say("語言"), self._turn_language, id="language", value=lambda: self.say(_LANGUAGES[phone.language])
            )
            yield Setting(say("外觀"), self._turn_light, id="appearance", value=self._appearance)
            yield self.switch(
                say("飛航模式"),
                lambda settings: settings.airplane_mode,
                lambda settings: replace(settings, airplane_mode=not settings.airplane_mode),
                id="airplane-mode",
            )
            yield Setting(
                say("網絡"), self._turn_network, id="network", value=lambda: say(_NETWORKS[phone.settings.network])
            )
            yield self.page(say("時鐘"), ClockScreen, id="clock", value=lambda: offset_words(self))
            yield self.page(
                say("生物認證"), BiometricsScreen, id="biometrics", value=lambda: str(len(phone.biometrics.enrolled))
            )
            yield self.page(say("應用程式權限"), PermissionsScreen, id="permissions")
            yield self.page(say("儲存空間"), StorageScreen, id="storage")
            yield self.switch(
                say("已取得最高權限（越獄）"),
                lambda settings: settings.rooted,
                lambda settings: replace(settings, rooted=not settings.rooted),
                id="rooted",
            )
            yield self.page(say("關於此電話"), AboutScreen, id="about")

    def foot(self) -> ComposeResult:
        if (restart := self.view.restart) is not None:
            yield Touch(self.say("重新啟動"), restart, id="restart")

    def _appearance(self) -> str:
        return self.say("深色") if self.view.host.current_theme.dark else self.say("淺色")

    def _turn_light(self) -> None:
        self.phone.change(replace(self.phone.settings, light=self.view.host.current_theme.dark))

    def _turn_network(self) -> None:
        self.phone.change(replace(self.phone.settings, network=after(self.phone.settings.network, Network)))

    async def _turn_language(self) -> None:
        """The other language; the phone restarts for it if it can, as every app on it has to begin anew."""
        other: Language = "en" if self.phone.language == "zh-Hant" else "zh-Hant"
        self.phone.change(replace(self.phone.settings, language=other))
        if self.view.restart is not None:
            self.view.restart()
        else:
            await self.view.replace(SettingsScreen)


class AboutScreen(SettingsPage):
    """What this phone is."""

    NAME: ClassVar[str] = "settings-about"

    @property
    def title(self) -> str:
        return self.say("關於此電話")

    def body(self) -> ComposeResult:
        say = self.say
        yield Words(self.phone.name, classes="-strong")
        yield Words(say("Twofold 模擬電話，版本 {version}", version=version("twofold")))
        yield Words(say("此電話只供測試。請勿在其中輸入真實帳戶的密碼或密鑰。"), classes="-waiting")
