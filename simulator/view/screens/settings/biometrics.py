"""The enrolled fingers and faces, and the sensor."""

from functools import partial
from typing import ClassVar, Final

from textual.app import ComposeResult

from simulator.biometrics import ENROLLED_AT_MOST, PASSCODE, Biometric, BiometricKind, SensorResult
from simulator.securities.refusals import AppRefusal
from simulator.view.screens.screen import PhoneScreen
from simulator.view.screens.settings.page import SettingsPage
from simulator.view.widgets.field import Field
from simulator.view.widgets.setting import Setting, after
from simulator.view.widgets.still import Column
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Words

_KINDS: Final = {BiometricKind.FINGERPRINT: "指紋 {number}", BiometricKind.FACE: "面容 {number}"}
_RESULTS: Final = {
    SensorResult.MATCH: "相符",
    SensorResult.NO_MATCH: "不相符",
    SensorResult.CANCELLED: "取消",
    SensorResult.LOCKED_OUT: "鎖定",
}


def biometric_words(screen: PhoneScreen, biometric: Biometric) -> str:
    """What one of them is called."""
    return screen.say(_KINDS[biometric.kind], number=biometric.number)


class BiometricsScreen(SettingsPage):
    """Add, remove, and say what the sensor will find."""

    NAME: ClassVar[str] = "settings-biometrics"

    @property
    def title(self) -> str:
        return self.say("生物認證")

    def body(self) -> ComposeResult:
        biometrics = self.phone.biometrics
        with Column(classes="-settings"):
            for one in biometrics.enrolled:
                yield Setting(
                    biometric_words(self, one),
                    partial(self._remove, one),
                    id=f"biometric-{one.number}",
                    value=lambda: self.say("移除"),
                )
        if not biometrics.enrolled:
            yield Words(self.say("此電話沒有登記指紋或面容。"), classes="-quiet")
        if len(biometrics.enrolled) < ENROLLED_AT_MOST:
            yield Touch(
                self.say("加入指紋"), partial(self._add, BiometricKind.FINGERPRINT), id="add-fingerprint", kind="quiet"
            )
            yield Touch(self.say("加入面容"), partial(self._add, BiometricKind.FACE), id="add-face", kind="quiet")
        with Column(classes="-settings"):
            yield Setting(
                self.say("感應結果"),
                self._turn_result,
                id="sensor-result",
                value=lambda: self.say(_RESULTS[biometrics.next_result]),
            )
        if biometrics.locked_seconds:
            yield Words("✘ " + self.say("感應器已鎖定。請等候30秒，或輸入電話密碼。"), classes="-failed")
            yield Field(self.say("電話密碼"), id="passcode", look=(self.say("顯示"), self.say("隱藏")))
            yield Words(self.say("此模擬電話的密碼是 {passcode}。", passcode=PASSCODE), classes="-quiet")
            yield Touch(self.say("解鎖感應器"), self._unlock, id="unlock", kind="quiet")

    def foot(self) -> ComposeResult:
        yield Words(id="said", classes="-waiting")
        yield Touch(self.say("試用感應器"), self._try, id="try")

    async def _add(self, kind: BiometricKind) -> None:
        self.phone.biometrics.add(kind)
        await self.view.replace(BiometricsScreen)

    async def _remove(self, biometric: Biometric) -> None:
        self.phone.biometrics.remove(biometric)
        await self.view.replace(BiometricsScreen)

    def _turn_result(self) -> None:
        sensor = self.phone.biometrics
        sensor.next_result = after(sensor.next_result, SensorResult)
        self.phone_changed()

    async def _try(self) -> None:
        sensor = self.phone.biometrics
        if not sensor.enrolled:
            raise AppRefusal(self.say("此電話沒有登記指紋或面容。"))
        result = sensor.scan()
        if result is SensorResult.LOCKED_OUT:
            await self.view.replace(BiometricsScreen)
        else:
            self.query_one("#said", Words).say(self.say("感應結果：{result}", result=self.say(_RESULTS[result])))

    async def _unlock(self) -> None:
        field = self.query_one("#passcode", Field)
        if self.phone.biometrics.unlock(field.value):
            await self.view.replace(BiometricsScreen)
        else:
            await field.refuse(self.say("電話密碼不正確。"))
