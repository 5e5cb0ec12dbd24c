"""A phone without a screen: its clock, its network, its storage, and what other people sent to it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from simulator.biometrics import BiometricRecords, Biometrics
from simulator.messages import Banner, MailOnPhone, Message, PushOnPhone, TextOnPhone, mail_box, text_box
from simulator.settings import Language, Network, Settings, read_settings, write_settings
from simulator.storage import Storage, StorageDamaged

__all__ = [
    "Banner",
    "Language",
    "MailOnPhone",
    "Message",
    "Network",
    "Now",
    "Phone",
    "PushOnPhone",
    "Settings",
    "TextOnPhone",
]

Now = Callable[[], float]
"""The time in seconds since 1970 (UTC), as the world tells it."""

CLOCK_OFFSET_SECONDS_AT_MOST: Final = 366 * 86400
"""How far a phone's clock may be off: far beyond what any server takes."""


class Phone:
    """One customer's phone. Settings and messages stay in its storage: another `Phone` on that folder has them again.

    Messages are read from the storage when they are first asked for, so that a thousand phones cost little. Setting a
    property and delivering a message write to the storage and raise its errors (`simulator.storage`).

    Args:
        storage: Its flash memory.
        now: The world's time.
        language: The language that it is delivered in; what its owner has set since is kept.
        name: What it calls itself.
        installed: Whether it is delivered with the broker's app on it (M1 installs it).
    """

    def __init__(
        self,
        storage: Storage,
        *,
        now: Now,
        language: Language = "zh-Hant",
        name: str = "iPhone 15",
        installed: bool = True,
    ) -> None:
        self.storage = storage
        self.name = name
        self._now = now
        self._delivered = Settings(language=language, broker_app_installed=installed)
        self._settings_damaged = False
        try:
            self._settings = read_settings(storage)
        except StorageDamaged:
            self._settings = Settings()
            self._settings_damaged = True
        self.biometrics = Biometrics(lambda: self._settings.biometrics, self._keep_biometrics, now)
        self._mails = mail_box(storage)
        self._texts = text_box(storage)
        self._notices: tuple[Banner, ...] = ()
        self._shade: tuple[Banner, ...] = ()
        self._clipboard = ""
        self._camera: bytes | None = None
        self._listeners: dict[object, Callable[[], None]] = {}

    # Time

    def now(self) -> float:
        """The time on this phone's clock, in seconds since 1970: the world's time and this clock's own offset."""
        return self._now() + self._settings.clock_offset_seconds

    @property
    def clock_offset_seconds(self) -> float:
        """How far this phone's clock is ahead of the world's; negative when it is behind. At most a year."""
        return self._settings.clock_offset_seconds

    @clock_offset_seconds.setter
    def clock_offset_seconds(self, seconds: float) -> None:
        if not abs(seconds) <= CLOCK_OFFSET_SECONDS_AT_MOST:
            raise ValueError("a phone's clock is at most a year off")
        self.change(replace(self._settings, clock_offset_seconds=float(seconds)))

    # What its owner may switch

    @property
    def settings(self) -> Settings:
        """All that is set; `change` sets it anew."""
        return self._settings

    def change(self, settings: Settings) -> None:
        """Set anything, as `phone.change(replace(phone.settings, rooted=True))`.

        While the settings that were kept are damaged, nothing is written: `reset_settings` is the way out.
        """
        if settings != self._settings:
            if not self._settings_damaged:
                write_settings(self.storage, settings)
            self._settings = settings
        self.announce_change()

    @property
    def settings_damaged(self) -> bool:
        """Whether the settings that were kept cannot be read. Those of a new phone are in force meanwhile."""
        return self._settings_damaged

    def reset_settings(self) -> None:
        """Begin with the settings of a new phone. Messages, apps and what they keep stay."""
        write_settings(self.storage, Settings())
        self._settings = Settings()
        self._settings_damaged = False
        self.announce_change()

    @property
    def language(self) -> Language:
        """The language of its words."""
        return self._settings.language or self._delivered.language or "zh-Hant"

    @property
    def network_on(self) -> bool:
        """Whether the phone reaches the network, be it slowly; setting it also ends the aeroplane mode."""
        return self._settings.network is not Network.OFF and not self._settings.airplane_mode

    @network_on.setter
    def network_on(self, on: bool) -> None:
        if on != self.network_on:
            network = Network.ON if on else Network.OFF
            self.change(replace(self._settings, network=network, airplane_mode=False))

    @property
    def notifications_allowed(self) -> bool | None:
        """Whether the broker's app may send notifications; None until its owner has answered (M9)."""
        return self._settings.notifications_allowed

    @notifications_allowed.setter
    def notifications_allowed(self, allowed: bool | None) -> None:
        self.change(replace(self._settings, notifications_allowed=allowed))

    @property
    def broker_app_installed(self) -> bool:
        """Whether 「鉅亨證券 2」 is on the phone (M1)."""
        stored = self._settings.broker_app_installed
        return bool(self._delivered.broker_app_installed if stored is None else stored)

    def install_broker_app(self) -> None:
        """Put 「鉅亨證券 2」 on the phone (M1)."""
        self.change(replace(self._settings, broker_app_installed=True))

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
        """All mails that can be read, oldest first."""
        return self._mails.in_order()

    @property
    def texts(self) -> tuple[TextOnPhone, ...]:
        """All text messages that can be read, oldest first."""
        return self._texts.in_order()

    @property
    def damaged_mails(self) -> int:
        """How many mails are stored and cannot be read."""
        return self._mails.damaged

    @property
    def damaged_texts(self) -> int:
        """How many text messages are stored and cannot be read."""
        return self._texts.damaged

    def delete_damaged_messages(self) -> None:
        """Delete the messages that cannot be read."""
        self._mails.delete_damaged()
        self._texts.delete_damaged()
        self.announce_change()

    def delete_messages(self) -> None:
        """Delete all mails and text messages, to make room."""
        self._mails.delete_all()
        self._texts.delete_all()
        self._notices = self._shade = ()
        self.storage.ran_out_of_room = False
        self.announce_change()

    def deliver_mail(self, mail: MailOnPhone) -> None:
        """Put a mail into the phone's mail app and show a banner. One that is there already is not added again.

        Raises `ValueError` when another mail has that number.
        """
        if self._mails.add(mail):
            self._notify(Banner(message=mail))

    def deliver_text(self, text: TextOnPhone) -> None:
        """Put a text message into the phone and show a banner. One that is there already is not added again.

        Raises `ValueError` when another text message has that number.
        """
        if self._texts.add(text):
            self._notify(Banner(message=text))

    def deliver_push(self, push: PushOnPhone) -> None:
        """Show a notification of the broker's app, if it is installed and may send any (M9)."""
        if self.broker_app_installed and self.notifications_allowed:
            self._notify(Banner(message=push))

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

    def mark_read(self, message: Message | PushOnPhone) -> None:
        """Note that the message was opened; its notification goes away."""
        self._notices = _without(self._notices, message)
        self._shade = _without(self._shade, message)
        settings = self._settings
        match message:
            case MailOnPhone():
                self.change(replace(settings, read_mails=settings.read_mails | {message.number}))
            case TextOnPhone():
                self.change(replace(settings, read_texts=settings.read_texts | {message.number}))
            case PushOnPhone():
                self.announce_change()

    # Notifications

    @property
    def notices(self) -> tuple[Banner, ...]:
        """The banners that are waiting to be seen, oldest first. They do not outlive a restart."""
        return self._notices

    @property
    def shade(self) -> tuple[Banner, ...]:
        """What the notification shade holds, oldest first: all that came and was neither opened nor cleared."""
        return self._shade

    def dismiss(self, banner: Banner) -> None:
        """Take a banner away; the message stays unread, and in the shade."""
        self._notices = tuple(waiting for waiting in self._notices if waiting is not banner)
        self.announce_change()

    def clear_shade(self) -> None:
        """Clear the notifications; the messages stay unread."""
        self._notices = self._shade = ()
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

    def _keep_biometrics(self, records: BiometricRecords) -> None:
        self.change(replace(self._settings, biometrics=records))

    def _notify(self, banner: Banner) -> None:
        self._notices = (*self._notices, banner)
        self._shade = (*self._shade, banner)
        self.announce_change()


def _without(banners: tuple[Banner, ...], message: Message | PushOnPhone) -> tuple[Banner, ...]:
    return tuple(banner for banner in banners if banner.message != message)
