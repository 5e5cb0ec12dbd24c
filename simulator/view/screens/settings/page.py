"""What the pages of the Settings app share."""

from collections.abc import Callable
from functools import partial

from simulator.settings import Settings
from simulator.view.screens.screen import Opening, PhoneScreen
from simulator.view.widgets.setting import Setting


class SettingsPage(PhoneScreen):
    """A page whose lines follow the phone."""

    def phone_changed(self) -> None:
        for setting in self.query(Setting):
            setting.refresh()

    def switch(
        self, label: str, is_on: Callable[[Settings], bool], turned: Callable[[Settings], Settings], *, id: str
    ) -> Setting:
        """A line that switches something on and off: `turned` gives the settings after it."""
        return Setting(
            label,
            lambda: self.phone.change(turned(self.phone.settings)),
            id=id,
            value=lambda: self.say("開") if is_on(self.phone.settings) else self.say("關"),
        )

    def page(self, label: str, opening: Opening, *, id: str, value: Callable[[], str] = str) -> Setting:
        """A line that leads to another page."""
        return Setting(label, partial(self.view.show, opening), id=id, value=value, leads_on=True)
