"""A phone without a screen: its clock, its network, its storage, and what other people sent to it."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Final, Literal

from simulator.messages import Banner, MailOnPhone, Message, TextOnPhone, mail_box, text_box
from simulator.storage import Storage, StorageDamaged
from simulator.strict_json import JsonObject, NotAsDescribed

__all__ = ["Banner", "Language", "MailOnPhone", "Message", "Now", "Phone", "TextOnPhone"]

Now = Callable[[], float]
"""The time in seconds since 1970 (UTC), as the world tells it."""

Language = Literal["zh-Hant", "en"]

_SETTINGS_FILE: Final = "phone.json"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class _Settings:
    """What a person has set on the phone, and which messages were looked at."""

    clock_offset_seconds: float = 0.0
    network_on: bool = True
    notifications_allowed: bool | None = None
    read_mails: frozenset[int] = frozenset()
    read_texts: frozenset[int] = frozenset()


class Phone:
    """One customer's phone. Settings and messages stay in its storage: another `Phone` on that folder has them again.

    Messages are read from the storage when they are first asked for, so that a thousand phones cost little.

    Constructing one and reading messages raises `StorageDamaged` when a file is not what was written. Setting a
    property and delivering a message write to the storage and raise its errors (`simulator.storage`).
    """

    def __init__(self, storage: Storage, *, now: Now, language: Language = "zh-Hant", name: str = "iPhone 15") -> None:
        self.storage = storage
        self.language: Language = language
        self.name = name
        self._now = now
        self._settings = _read_settings(storage.read(_SETTINGS_FILE))
        self._mails = mail_box(storage)
        self._texts = text_box(storage)
        self._notices: tuple[Banner, ...] = ()
        self._clipboard = ""
        self._camera: bytes | None = None
        self._listeners: dict[object, Callable[[], None]] = {}

    # Time

    def now(self) -> float:
        """The time on this phone's clock, in seconds since 1970: the world's time and this clock's own offset."""
        return self._now() + self._settings.clock_offset_seconds

    @property
    def clock_offset_seconds(self) -> float:
        """How far this phone's clock is ahead of the world's; negative when it is behind."""
        return self._settings.clock_offset_seconds

    @clock_offset_seconds.setter
    def clock_offset_seconds(self, seconds: float) -> None:
        self._keep(replace(self._settings, clock_offset_seconds=float(seconds)))

    # What its owner may switch

    @property
    def network_on(self) -> bool:
        """Whether the phone reaches the network; off is the aeroplane mode."""
        return self._settings.network_on

    @network_on.setter
    def network_on(self, on: bool) -> None:
        self._keep(replace(self._settings, network_on=on))

    @property
    def notifications_allowed(self) -> bool | None:
        """Whether the broker's app may send notifications; None until its owner has answered (M9)."""
        return self._settings.notifications_allowed

    @notifications_allowed.setter
    def notifications_allowed(self, allowed: bool | None) -> None:
        self._keep(replace(self._settings, notifications_allowed=allowed))

    @property
    def clipboard(self) -> str:
        """The text that was copied last; empty after a restart, as on a real phone."""
        return self._clipboard

    @clipboard.setter
    def clipboard(self, text: str) -> None:
        self._clipboard = text
        self.announce_change()

    # The camera

    @property
    def camera(self) -> bytes | None:
        """The picture that is held before the camera (a file's bytes), or None."""
        return self._camera

    def show_to_camera(self, picture: bytes | None) -> None:
        """Hold a picture (PNG, JPEG, …) before the camera, or take it away with None."""
        self._camera = picture
        self.announce_change()

    # Messages

    @property
    def mails(self) -> tuple[MailOnPhone, ...]:
        """All mails, oldest first."""
        return self._mails.in_order()

    @property
    def texts(self) -> tuple[TextOnPhone, ...]:
        """All text messages, oldest first."""
        return self._texts.in_order()

    def deliver_mail(self, mail: MailOnPhone) -> None:
        """Put a mail into the phone's mail app and show a banner. One that is there already is not added again.

        Raises `ValueError` when another mail has that number.
        """
        if self._mails.add(mail):
            self._show_banner(mail)

    def deliver_text(self, text: TextOnPhone) -> None:
        """Put a text message into the phone and show a banner. One that is there already is not added again.

        Raises `ValueError` when another text message has that number.
        """
        if self._texts.add(text):
            self._show_banner(text)

    @property
    def unread_mails(self) -> int:
        """How many mails nobody has opened yet."""
        return len(self._mails.numbers - self._settings.read_mails)

    @property
    def unread_texts(self) -> int:
        """How many text messages nobody has opened yet."""
        return len(self._texts.numbers - self._settings.read_texts)

    def is_read(self, message: Message) -> bool:
        """Whether the message was opened."""
        settings = self._settings
        return message.number in (settings.read_mails if isinstance(message, MailOnPhone) else settings.read_texts)

    def mark_read(self, message: Message) -> None:
        """Note that the message was opened; its banner, if still there, goes away."""
        self._notices = tuple(banner for banner in self._notices if banner.message != message)
        settings = self._settings
        if isinstance(message, MailOnPhone):
            self._keep(replace(settings, read_mails=settings.read_mails | {message.number}))
        else:
            self._keep(replace(settings, read_texts=settings.read_texts | {message.number}))

    @property
    def notices(self) -> tuple[Banner, ...]:
        """The banners that are waiting to be seen, oldest first. They do not outlive a restart."""
        return self._notices

    def dismiss(self, banner: Banner) -> None:
        """Take a banner away; the message stays unread."""
        self._notices = tuple(waiting for waiting in self._notices if waiting is not banner)
        self.announce_change()

    # Who wants to know

    def subscribe(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call `callback` after any change of the phone or of an app on it. The answer ends the subscription."""
        ticket = object()
        self._listeners[ticket] = callback

        def end() -> None:
            self._listeners.pop(ticket, None)

        return end

    def announce_change(self) -> None:
        """Tell all subscribers that something has changed. Apps on the phone call this for their own changes."""
        for callback in tuple(self._listeners.values()):
            callback()

    # The storage's side

    def _keep(self, settings: _Settings) -> None:
        if settings != self._settings:
            content = {"version": _VERSION, **asdict(settings)}
            content |= {"read_mails": sorted(settings.read_mails), "read_texts": sorted(settings.read_texts)}
            self.storage.write(_SETTINGS_FILE, json.dumps(content).encode())
            self._settings = settings
        self.announce_change()

    def _show_banner(self, message: Message) -> None:
        self._notices = (*self._notices, Banner(message=message))
        self.announce_change()


def _read_settings(data: bytes | None) -> _Settings:
    if data is None:
        return _Settings()
    try:
        stored = JsonObject.parse(data)
        if stored.whole("version") != _VERSION:
            raise NotAsDescribed("written by another version of this phone")
        settings = _Settings(
            clock_offset_seconds=stored.number("clock_offset_seconds"),
            network_on=stored.flag("network_on"),
            notifications_allowed=stored.unless_null("notifications_allowed", stored.flag),
            read_mails=frozenset(stored.wholes("read_mails")),
            read_texts=frozenset(stored.wholes("read_texts")),
        )
        stored.end()
    except NotAsDescribed as error:
        raise StorageDamaged(f"the phone's settings cannot be read: {error}") from error
    return settings
