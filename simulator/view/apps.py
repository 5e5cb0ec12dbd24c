"""The apps on the phone, and the screens that each begins with."""

from collections.abc import Callable, Mapping

from simulator.phone import MailOnPhone, Message
from simulator.securities.app import SecuritiesApp
from simulator.view import journey
from simulator.view.screens.camera import CameraScreen
from simulator.view.screens.home import HomeScreen
from simulator.view.screens.mails import MailScreen, MailsScreen
from simulator.view.screens.screen import Opening
from simulator.view.screens.texts import TextScreen, TextsScreen
from simulator.view.stacks import AppName

APPS: Mapping[AppName, Callable[[SecuritiesApp], tuple[Opening, ...]]] = {
    "home": lambda _: (HomeScreen,),
    "securities": journey.entry,
    "mails": lambda _: (MailsScreen,),
    "texts": lambda _: (TextsScreen,),
    "camera": lambda _: (CameraScreen,),
}
"""What is opened when an app is, from the bottom of its stack to the screen that shows."""


def opening_of(message: Message) -> tuple[AppName, Opening]:
    """The app that shows a mail or text message, and how to open it there."""
    if isinstance(message, MailOnPhone):
        return "mails", lambda view: MailScreen(view, message)
    return "texts", lambda view: TextScreen(view, message)
