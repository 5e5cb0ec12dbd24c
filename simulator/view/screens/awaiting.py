"""A screen on which the customer waits for a message of the server's."""

from typing import TYPE_CHECKING, Final

from simulator.securities.answers import Delivery
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.words import Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView

_ASKED_AFTER_SECONDS: Final = (5.0, 15.0, 30.0, 60.0, 120.0)
"""When the server is asked how the message fares; not for ever, or no session would end while somebody is away."""

_WORDS: Final = {
    Delivery.DELAYED: "… 訊息有所延誤，本公司仍在嘗試發送。",
    Delivery.GIVEN_UP: "✘ 訊息未能送出。請重新發送，或致電客戶服務部。",
}


class AwaitingScreen(PhoneScreen):
    """Tells when the message is late or lost.

    Args:
        view: The phone that shows it.
    """

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._since = self.phone.now()
        self._asked = 0
        self.delivery = Words(id="delivery", classes="-waiting")
        self._show_delivery()

    def phone_changed(self) -> None:
        self._show_delivery()

    def clock_moved(self, moment: float) -> None:
        due = sum(moment - self._since >= after for after in _ASKED_AFTER_SECONDS)
        if due > self._asked:
            self._asked = due
            self.run_worker(self.securities.look_after_message())

    def _show_delivery(self) -> None:
        delivery = self.securities.delivery
        words = None if delivery is None else _WORDS.get(delivery)
        self.delivery.say(self.say(words) if words else "")
        self.delivery.set_class(delivery is Delivery.GIVEN_UP, "-failed")
