"""The mail app: the list of mails, and one mail."""

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from simulator.phone import MailOnPhone
from simulator.storage import StorageError
from simulator.view.copying import codes_in, links_in
from simulator.view.screens.code import BODY_COLUMNS, QrCodeScreen, drawn_code
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.frame import local_time, sender_words, when_words
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

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(view)
        self._listed = self.phone.mails

    @property
    def title(self) -> str:
        return self.say("電郵")

    def body(self) -> ComposeResult:
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
        if damaged := self.phone.damaged_mails:
            yield Words("✘ " + self.say("有 {count} 封電郵已損毀，未能讀取。", count=damaged), classes="-failed")
            yield Touch(self.say("刪除已損毀的訊息"), self._delete_damaged, id="delete-damaged", kind="quiet")

    async def _delete_damaged(self) -> None:
        self.phone.delete_damaged_messages()
        await self.view.replace(MailsScreen)

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
        for number, picture in enumerate(mail.pictures, 1):
            yield from self._picture(picture, number)
        for number, link in enumerate(links_in(mail.text, mail.html), 1):
            yield LinkRow(link, lambda link=link: self._copy(link), id=f"link-{number}", kind="row")

    def foot(self) -> ComposeResult:
        yield Words(id="done", classes="-good")
        if codes := codes_in(self._mail.text):
            yield Touch(self.say("複製"), lambda: self._copy(codes[0]), id="copy", kind="primary")

    def on_mount(self) -> None:
        """Whoever opens a mail has read it. When that cannot be kept, it is unread again later: nothing is lost."""
        with suppress(StorageError):
            self.phone.mark_read(self._mail)

    def _copy(self, text: str) -> None:
        self.phone.clipboard = text
        self.query_one("#done", Words).say("✔ " + self.say("已複製"))

    def _picture(self, picture: bytes, number: int) -> ComposeResult:
        from simulator.qr import PictureRefused, read_code  # noqa: PLC0415 - slow to import

        try:
            text = read_code(picture)
        except PictureRefused:
            yield Words(self.say("（圖片）"), classes="-quiet -centred")
        else:
            yield drawn_code(text, words=self.say("（二維碼）"), columns=BODY_COLUMNS)
            enlarge = partial(self.view.show, partial(QrCodeScreen, text=text))
            yield Touch(self.say("放大二維碼"), enlarge, id=f"enlarge-{number}", kind="quiet")
