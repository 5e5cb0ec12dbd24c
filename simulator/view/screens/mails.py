"""The mail app: the list of mails, and one mail."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.containers import HorizontalScroll

from simulator.phone import MailOnPhone
from simulator.view.copying import codes_in, links_in
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.frame import local_time, sender_words, when_words
from simulator.view.widgets.mail_picture import MailPicture
from simulator.view.widgets.message_row import MessageRow
from simulator.view.widgets.touch import Touch
from simulator.view.widgets.words import MessageWords, Words

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class LinkRow(Touch):
    """A web address in a mail; a touch copies it, since the phone has no browser of its own."""

    IS_PRIVATE: ClassVar[bool] = True


class MailsScreen(PhoneScreen):
    """All mails, newest first."""

    NAME: ClassVar[str] = "mails"

    @property
    def title(self) -> str:
        return self.say("電郵")

    def body(self) -> ComposeResult:
        self._listed = self.phone.mails
        now = self.phone.now()
        for mail in reversed(self._listed):
            yield MessageRow(
                mail.subject,
                lambda mail=mail: self.view.show(lambda view: MailScreen(view, mail)),
                id=f"mail-{mail.number}",
                sender=sender_words(mail.sender),
                when=when_words(mail.received_at, now),
                unread=not self.phone.is_read(mail),
            )
        if not self._listed:
            yield Words(self.say("沒有電郵"), classes="-quiet -centred")

    def phone_changed(self) -> None:
        if self.phone.mails != self._listed:
            self.view.act(lambda: self.view.replace(MailsScreen))


class MailScreen(PhoneScreen):
    """One mail with its text, links and pictures.

    Args:
        view: The phone that shows it.
        mail: What was opened.
    """

    NAME: ClassVar[str] = "mail"

    def __init__(self, view: "PhoneView", mail: MailOnPhone) -> None:
        super().__init__(view)
        self._mail = mail

    @property
    def title(self) -> str:
        return self.say("電郵")

    def body(self) -> ComposeResult:
        mail = self._mail
        yield Words(mail.subject, classes="-strong -tight")
        yield Words(mail.sender, classes="-quiet -tight")
        yield Words(f"{local_time(mail.received_at):%Y-%m-%d %H:%M}", classes="-quiet")
        yield MessageWords(mail.text.strip(), id="mail-text")
        for picture in mail.pictures:
            yield self._picture(picture)
        for number, link in enumerate(links_in(mail.text, mail.html), 1):
            yield LinkRow(link, lambda link=link: self._copy(link), id=f"link-{number}", kind="row")

    def foot(self) -> ComposeResult:
        yield Words(id="done", classes="-good")
        if codes := codes_in(self._mail.text):
            yield Touch(self.say("複製"), lambda: self._copy(codes[0]), id="copy", kind="primary")

    def on_mount(self) -> None:
        """Whoever opens a mail has read it."""
        self.phone.mark_read(self._mail)

    def _copy(self, text: str) -> None:
        self.phone.clipboard = text
        self.query_one("#done", Words).say("✔ " + self.say("已複製"))

    def _picture(self, picture: bytes) -> HorizontalScroll | Words:
        from simulator.qr import PictureRefused, half_blocks  # noqa: PLC0415 - slow to import

        try:
            lines = half_blocks(picture)
        except PictureRefused:
            return Words(self.say("（圖片）"), classes="-quiet -centred")
        return HorizontalScroll(MailPicture(lines, words=self.say("（二維碼）")), classes="-picture")
