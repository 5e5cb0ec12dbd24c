"""生物認證服務 in 設定: the terms, the PIN, done; and giving it up (M21)."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.securities.answers import Terms
from simulator.securities.refusals import Field as FieldName
from simulator.securities.refusals import TermsChanged
from simulator.view.screens.account_settings.main import back_to_settings
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.field import Field
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import Sections, Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


async def open_service(screen: PhoneScreen) -> None:
    """Go to the terms, or where the service is enabled to the way to give it up."""
    if screen.securities.opens_by_biometrics:
        await screen.view.show(BiometricsOffScreen)
    else:
        terms = await screen.ask(screen.securities.biometrics.terms())
        await screen.view.show(lambda view: BiometricsTermsScreen(view, terms))


class BiometricsTermsScreen(PhoneScreen):
    """The terms whole; the buttons are at their end, where one has seen all of them (M21a).

    Args:
        view: The phone that shows it.
        terms: As the server words them.
    """

    NAME: ClassVar[str] = "biometrics-terms"
    IS_TO_BE_READ: ClassVar[bool] = True

    def __init__(self, view: "PhoneView", terms: Terms) -> None:
        super().__init__(view)
        self._terms = terms

    @property
    def title(self) -> str:
        return self.say("同意條款")

    def body(self) -> ComposeResult:
        paragraphs = (f"{number}. {text}" for number, text in enumerate(self._terms.paragraphs, 1))
        yield Sections([(self._terms.title, "\n\n".join(paragraphs))])
        yield Touch(self.say("同意"), self._agree, id="agree", kind="primary")
        yield Touch(self.say("取消"), self.view.back, id="cancel", interrupts=True)

    async def _agree(self) -> None:
        await self.view.show(lambda view: BiometricsPinScreen(view, self._terms))


class BiometricsPinScreen(PhoneScreen):
    """The token's PIN, which says that it is the customer who agrees.

    Args:
        view: The phone that shows it.
        terms: What was agreed to.
    """

    NAME: ClassVar[str] = "biometrics-pin"

    def __init__(self, view: "PhoneView", terms: Terms) -> None:
        super().__init__(view)
        self._terms = terms

    @property
    def title(self) -> str:
        return self.say("請輸入保安密碼")

    def body(self) -> ComposeResult:
        yield Words(self.say("請輸入保安編碼器密碼，以啟用生物認證服務。"))
        yield Field(self.say("保安密碼"), id=FieldName.PIN, look=(self.say("顯示"), self.say("隱藏")))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("啟用"), self._enable, id="enable", kind="primary")
        yield Touch(self.say("取消"), self._cancel, id="cancel", interrupts=True)

    async def _enable(self) -> None:
        biometrics = self.securities.biometrics
        try:
            await self.ask(biometrics.enable(self._terms, self.query_one(Field).value))
        except TermsChanged:
            terms = await self.ask(biometrics.terms())
            await back_to_settings(self, lambda view: BiometricsTermsScreen(view, terms))
            raise
        await back_to_settings(self, BiometricsEnabledScreen)

    async def _cancel(self) -> None:
        await back_to_settings(self)


class BiometricsEnabledScreen(PhoneScreen):
    """Done."""

    NAME: ClassVar[str] = "biometrics-enabled"

    @property
    def title(self) -> str:
        return self.say("成功啟用")

    @property
    def forgets(self) -> bool:
        return True

    def body(self) -> ComposeResult:
        yield Words("✔ " + self.say("已成功啟用生物認證服務。"), classes="-good -strong")
        yield Words(self.say("開啟保安編碼器時，您可以指紋或面容代替密碼。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("完成"), self.view.back, id="done", kind="primary")


class BiometricsOffScreen(PhoneScreen):
    """Asks once more before the service is given up."""

    NAME: ClassVar[str] = "biometrics-off"

    @property
    def title(self) -> str:
        return self.say("生物認證服務")

    def body(self) -> ComposeResult:
        yield Words("✔ " + self.say("生物認證服務已啟用。"), classes="-good")
        yield Words(self.say("停用後，保安編碼器只可以密碼開啟。您可隨時重新啟用。"))

    def foot(self) -> ComposeResult:
        yield Touch(self.say("停用"), self._end, id="end", kind="primary")
        yield Touch(self.say("取消"), self.view.back, id="cancel", interrupts=True)

    async def _end(self) -> None:
        await self.ask(self.securities.biometrics.cancel())
        await self.view.back()
