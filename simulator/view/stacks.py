"""Which app of the phone is in front, and which screens lie behind the one that shows. No terminal is needed for it."""

from collections.abc import Callable, Sequence
from typing import Generic, Literal, TypeVar

AppName = Literal["home", "shade", "securities", "mails", "texts", "camera", "authenticator", "store", "settings"]

_Opening = TypeVar("_Opening")


class Stacks(Generic[_Opening]):
    """Each app's screens, from its first one to the one it shows, kept while another app is in front.

    Kept are *openings*, how to make a screen anew, and never screens: what was typed goes with its screen.

    Args:
        begin: The openings with which an app begins.
    """

    def __init__(self, begin: Callable[[AppName], Sequence[_Opening]]) -> None:
        self._begin = begin
        self._stacks: dict[AppName, list[_Opening]] = {}
        self._came_from: dict[AppName, AppName] = {}
        self.front: AppName = "home"
        """The app that shows."""
        self.bring("home")

    @property
    def top(self) -> _Opening:
        """The screen that shows."""
        return self._stacks[self.front][-1]

    def show(self, app: AppName, *openings: _Opening) -> None:
        """Put screens on top of `app`'s."""
        self._stacks[app] = [*self._stacks.get(app, ()), *openings]

    def replace(self, app: AppName, *openings: _Opening) -> None:
        """Put screens in place of the one that `app` shows."""
        self._stacks[app] = [*self._stacks.get(app, ())[:-1], *openings]

    def start(self, app: AppName, *openings: _Opening) -> None:
        """Let `app` have these screens and no others."""
        self._stacks[app] = list(openings)

    def back(self, app: AppName) -> None:
        """The screen before; from an app's first screen, the app from which it was opened."""
        if len(self._stacks[app]) > 1:
            self._stacks[app].pop()
        elif app != "home":
            del self._stacks[app]
            self.bring(self._came_from.pop(app, "home"))

    def bring(self, app: AppName) -> None:
        """Bring an app to the front: where it was left, else at its beginning."""
        if not self._stacks.get(app):
            self._stacks[app] = list(self._begin(app))
        if app == "home":
            self._came_from.clear()
        self.front = app

    def bring_at(self, app: AppName, opening: _Opening) -> None:
        """Bring an app to the front at one screen; the way back from there leads to the app that is in front now."""
        if app != self.front:
            self._came_from[app] = self.front
        self._stacks[app] = [opening]
        self.front = app

    def drop(self, app: AppName) -> None:
        """Drop the screen that `app` showed last, after it was left."""
        if app in self._stacks:
            self._stacks[app].pop()
