"""The customer's phone, as an actor: touched and read through its screen, as a person would."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from harness.actors.handset import Handset
from harness.actors.scene import Scene
from harness.errors import StepFailed
from harness.events import Lane
from harness.steps import Actor, Label, Offset, Outputs, Picture, ScreenName, Secret, Text, step
from simulator.cannot_touch import CannotTouch
from simulator.language import translate

if TYPE_CHECKING:
    from simulator.hands import Hands

BROKERS_APP = "鉅亨證券 2"
TOKEN_TILE = "保安編碼器"  # noqa: S105 - the words on a tile
PIN_FIELD = "保安編碼器密碼"
OK = "確定"
BY_BIOMETRICS = "以生物認證開啟"
SENSOR = "感應"

Result = TypeVar("Result")


class Phone(Actor):
    """One phone of one person."""

    kind: ClassVar[str] = "phone"
    noun: ClassVar[str] = "phone"
    lane: ClassVar[Lane] = Lane.PHONE

    def __init__(self, scene: Scene, handset: Handset) -> None:
        self._scene = scene
        self.handset = handset

    @step("on {phone}, tap “{label}”")
    async def tap(self, label: Label) -> None:
        """Tap what bears these words: a button, a tile, a line of a list."""
        self._scene.touches()
        await self._by_hand(lambda hands: hands.tap(label))

    @step("on {phone}, type {text} into “{into}”")
    async def type(self, *, into: Label, text: Text) -> None:
        """Type into a field of the screen that is showing, in place of what stands in it."""
        self._scene.touches()
        await self._by_hand(lambda hands: hands.type(into=into, text=text))

    @step("on {phone}, open the app {app}")
    async def open(self, app: Label) -> None:
        """Go to the home screen and open an app."""
        self._scene.touches()
        await self._by_hand(lambda hands: hands.home())
        await self._by_hand(lambda hands: hands.tap(app))

    @step("hold {picture} before the camera of {phone}")
    async def scan(self, picture: Picture) -> None:
        """Hold a picture before the phone's camera, such as the QR code of a mail (M17)."""
        self._scene.touches()
        await self._by_hand(lambda hands: hands.scan(picture))

    @step("{phone} shows the screen {name}")
    async def screen(self, name: ScreenName) -> None:
        """Check which screen is showing, waiting for it if need be."""
        await self._by_hand(lambda hands: hands.screen(name), waiting=True)

    @step("{phone} shows {text}")
    async def sees(self, text: Text) -> None:
        """Check that the screen shows this text, waiting for it if need be."""
        await self._by_hand(lambda hands: hands.see(text), waiting=True)

    @step("{phone} does not show {text}")
    async def not_sees(self, text: Text) -> None:
        """Check that the screen, as it stands now, does not show this text."""
        await self._by_hand(lambda hands: hands.see_not(text))

    @step("{phone} goes back")
    async def back(self) -> None:
        """Go back, by the way back that the screen offers."""
        self._scene.touches()
        await self._by_hand(lambda hands: hands.back())

    @step("{phone} goes to its home screen")
    async def home(self) -> None:
        """Go to the home screen."""
        self._scene.touches()
        await self._by_hand(lambda hands: hands.home())

    @step("on {phone}, read a code of the token with the PIN {pin}", saves=("code",))
    async def code(self, *, pin: Secret) -> Outputs:
        """Open 保安編碼器 in the broker's app, type the PIN, read the six digits and leave the screen again (M29)."""
        await self._open_token()
        await self._by_hand(lambda hands: hands.type(into=self._in_its_language(PIN_FIELD), text=pin))
        await self._by_hand(lambda hands: hands.tap(self._in_its_language(OK)))
        return await self._read_code()

    @step("on {phone}, read a code of the token by biometrics", saves=("code",))
    async def code_by_biometrics(self) -> Outputs:
        """Open 保安編碼器, show a finger or face to the sensor, read the six digits and leave the screen (M30)."""
        await self._open_token()
        await self._by_hand(lambda hands: hands.tap(self._in_its_language(BY_BIOMETRICS)))
        await self._by_hand(lambda hands: hands.tap(self._in_its_language(SENSOR)))
        return await self._read_code()

    @step("on {phone}, enrol another {kind}", waits=False)
    async def enrol(self, kind: Literal["fingerprint", "face"]) -> None:
        """Let the phone know another finger or face: its set of enrolled biometrics is another then (M22)."""
        self._scene.touches()
        self.handset.enrol(kind)

    @step("the sensor of {phone} finds {result} from now on", waits=False)
    async def sensor(self, result: Literal["match", "no-match", "cancelled", "locked-out"]) -> None:
        """Say what comes of showing a finger or face to the phone's sensor from now on."""
        self._scene.touches()
        self.handset.let_sensor_find(result)

    @step("{phone} is switched off and on again", waits=False)
    async def restart(self) -> None:
        """Take the battery out at this very moment, and start the phone again from its storage (M19)."""
        self._scene.touches()
        await self.handset.switch_off()
        self.handset.switch_on()

    @step("{phone} loses the network", waits=False)
    async def offline(self) -> None:
        """Switch the phone's network off."""
        self._scene.touches()
        self.handset.phone.network_on = False

    @step("{phone} has the network again", waits=False)
    async def online(self) -> None:
        """Switch the phone's network on."""
        self._scene.touches()
        self.handset.phone.network_on = True

    @step("set the clock of {phone} {by} off the world's", waits=False)
    async def drift(self, by: Offset) -> None:
        """Set the phone's own clock ahead of the world's (`+30s`) or behind it (`-45s`)."""
        self._scene.touches()
        self.handset.phone.clock_offset_seconds = by

    def _in_its_language(self, words: str) -> str:
        return translate(words, self.handset.phone.language)

    async def _open_token(self) -> None:
        self._scene.touches()
        await self._by_hand(lambda hands: hands.home())
        await self._by_hand(lambda hands: hands.tap(self._in_its_language(BROKERS_APP)))
        await self._by_hand(lambda hands: hands.tap(self._in_its_language(TOKEN_TILE)))

    async def _read_code(self) -> Outputs:
        digits = await self._by_hand(lambda hands: hands.code(), waiting=True)
        self._scene.redactor.register(digits, "otp")
        await self._by_hand(lambda hands: hands.home())
        return {"code": digits}

    async def _by_hand(self, do: Callable[["Hands"], Awaitable[Result]], *, waiting: bool = False) -> Result:
        """Take the phone in hand and do something with it; what cannot be done fails the step."""
        hands = await self.handset.in_hand()
        hands.patience_seconds = self._scene.patience_seconds
        try:
            if not waiting:
                return await do(hands)
            with self._scene.waiting():
                return await do(hands)
        except CannotTouch as trouble:
            seen = self._scene.redactor.redact("\n".join(hands.texts()))
            raise StepFailed(str(trouble), seen=seen) from None
