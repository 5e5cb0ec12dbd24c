"""What the broker's app may do on the phone."""

from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult

from simulator.view.screens.settings.page import SettingsPage
from simulator.view.widgets.still import Column
from simulator.view.widgets.words import Words


class PermissionsScreen(SettingsPage):
    """Notifications (M9) and the camera (M17)."""

    NAME: ClassVar[str] = "settings-permissions"

    @property
    def title(self) -> str:
        return self.say("應用程式權限")

    def body(self) -> ComposeResult:
        yield Words(self.say("鉅亨證券 2"), classes="-strong")
        with Column(classes="-settings"):
            yield self.switch(
                self.say("通知"),
                lambda settings: bool(settings.notifications_allowed),
                lambda settings: replace(settings, notifications_allowed=not settings.notifications_allowed),
                id="notifications",
            )
            yield self.switch(
                self.say("相機"),
                lambda settings: settings.camera_allowed,
                lambda settings: replace(settings, camera_allowed=not settings.camera_allowed),
                id="camera",
            )
