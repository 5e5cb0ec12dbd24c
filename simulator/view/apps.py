"""The apps on the phone, and the screens that each begins with. One that is never opened is never loaded."""

# ruff: noqa: PLC0415 - that is what this module is for

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from simulator.phone import MailOnPhone, Message
from simulator.view.screens.screen import Opening
from simulator.view.stacks import AppName

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


def opening_of(app: AppName, view: "PhoneView") -> tuple[Opening, ...]:
    """What is opened when an app is, from the bottom of its stack to the screen that shows."""
    return _BEGINNINGS[app](view)


def opening_of_message(message: Message) -> tuple[AppName, Opening]:
    """The app that shows a mail or text message, and how to open it there."""
    if isinstance(message, MailOnPhone):
        from simulator.view.screens.mails import MailScreen

        return "mails", lambda view: MailScreen(view, message)
    from simulator.view.screens.texts import TextScreen

    return "texts", lambda view: TextScreen(view, message)


def _home(view: "PhoneView") -> tuple[Opening, ...]:
    if view.phone.settings_damaged:
        from simulator.view.screens.storage_trouble import SettingsDamagedScreen

        return (SettingsDamagedScreen,)
    from simulator.view.screens.home import HomeScreen

    return (HomeScreen,)


def _shade(_: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.shade import ShadeScreen

    return (ShadeScreen,)


def _securities(view: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view import journey

    return journey.entry(view.securities)


def _mails(_: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.mails import MailsScreen

    return (MailsScreen,)


def _texts(_: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.texts import TextsScreen

    return (TextsScreen,)


def _camera(_: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.camera import CameraScreen

    return (CameraScreen,)


def _authenticator(view: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.authenticator import first_screen

    return (first_screen(view),)


def _store(_: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.store import StoreScreen

    return (StoreScreen,)


def _settings(_: "PhoneView") -> tuple[Opening, ...]:
    from simulator.view.screens.settings.main import SettingsScreen

    return (SettingsScreen,)


_BEGINNINGS: Final[Mapping[AppName, Callable[["PhoneView"], tuple[Opening, ...]]]] = {
    "home": _home,
    "shade": _shade,
    "securities": _securities,
    "mails": _mails,
    "texts": _texts,
    "camera": _camera,
    "authenticator": _authenticator,
    "store": _store,
    "settings": _settings,
}
