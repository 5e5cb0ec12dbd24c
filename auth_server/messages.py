"""The words of every mail and text message that a customer gets, in the customer's language.

M2, M13, M16, M27, M28 and M32 of the manual. Nothing is sent here: what these functions return goes into the outbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from auth_server.accounts import Account
from auth_server.languages import translate, write_moment
from auth_server.settings import Settings
from auth_server.templating import render

REGISTRATION_QR: Final = "registration-qr"
"""Content id of the registration QR code: the HTML part shows it as ``cid:registration-qr``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailWords:
    """One mail: its subject and its two parts, each complete by itself; pictures are PNG bytes by their content id."""

    subject: str
    text: str = field(repr=False)
    html: str = field(repr=False)
    pictures: Mapping[str, bytes] = field(default_factory=dict[str, bytes], repr=False)


class Notice(Enum):
    """What a customer is told of by another channel than the one used for it (M32). The value is the mail's subject."""

    LOGIN = "登入通知"
    PASSWORD_CHANGED = "密碼已更改通知"  # noqa: S105 - words, not a password
    TOKEN_BOUND = "保安編碼器綁定通知"  # noqa: S105
    TOKEN_CLEARED = "保安編碼器清除通知"  # noqa: S105
    NEW_PHONE = "新手機登入通知"
    BIOMETRICS_REGISTERED = "生物認證啟用通知"
    BIOMETRICS_SUSPENDED = "生物認證暫停通知"
    BIOMETRICS_ENDED = "生物認證取消通知"
    CODE_FAILURES = "驗證碼輸入錯誤通知"


_HAPPENED: Final[Mapping[Notice, str]] = {
    Notice.LOGIN: "帳號 {account} 於 {moment} 登入網上交易系統。",
    Notice.PASSWORD_CHANGED: "帳號 {account} 的登入密碼於 {moment} 更改。",
    Notice.TOKEN_BOUND: "帳號 {account} 於 {moment} 綁定保安編碼器。",
    Notice.TOKEN_CLEARED: "帳號 {account} 的保安編碼器於 {moment} 清除。",
    Notice.NEW_PHONE: "帳號 {account} 於 {moment} 在另一部手機登入。",
    Notice.BIOMETRICS_REGISTERED: "帳號 {account} 於 {moment} 啟用生物認證服務。",
    Notice.BIOMETRICS_SUSPENDED: "帳號 {account} 的生物認證服務於 {moment} 暫停，須重新登記。",
    Notice.BIOMETRICS_ENDED: "帳號 {account} 的生物認證服務於 {moment} 取消。",
    Notice.CODE_FAILURES: "帳號 {account} 於 {moment} 有人輸入了正確的密碼，但多次輸入錯誤的驗證碼。",
}


def password_reset_mail(account: Account, link: str, settings: Settings) -> MailWords:
    """Write the mail with the reset link (M2). `link` is the whole address, token and all."""
    hours = settings.reset_link_life_seconds // 3600
    return _mail("password_reset", "Password Reset", account, settings, link=link, hours=hours)


def login_code_mail(account: Account, code: str, settings: Settings) -> MailWords:
    """Write the mail with the one-time code of a web login (M27)."""
    minutes = settings.code_life_seconds // 60
    return _mail("login_code", translate("登入驗證碼", account.language), account, settings, code=code, minutes=minutes)


def login_code_text(account: Account, code: str, settings: Settings) -> str:
    """Write the text message with the one-time code of a web login (M28)."""
    words = "鉅亨證券：登入驗證碼是 {code}，{minutes}分鐘內有效。請勿向任何人透露。如有查詢請致電 {phone}。"
    return _code_text(words, account, code, settings)


def activation_code_text(account: Account, code: str, settings: Settings) -> str:
    """Write the text message with the code that enables the soft token (M13)."""
    words = "鉅亨證券：啟用保安編碼器的驗證碼是 {code}，{minutes}分鐘內有效。請勿向任何人透露。如有查詢請致電 {phone}。"
    return _code_text(words, account, code, settings)


def registration_mail(account: Account, code: str, qr_png: bytes, settings: Settings) -> MailWords:
    """Write the mail with the registration code and its QR code (M16).

    `code` is written ``XXXXX-XXXXX-XXXXX-XXXXX``; `qr_png` is the picture, shown under it.
    """
    hours = settings.registration_code_life_seconds // 3600
    subject = translate("保安編碼器註冊資料", account.language)
    words = _mail("registration", subject, account, settings, code=code, hours=hours, picture=REGISTRATION_QR)
    return MailWords(subject=words.subject, text=words.text, html=words.html, pictures={REGISTRATION_QR: qr_png})


def password_reminder_mail(account: Account, *, until: float, settings: Settings) -> MailWords:
    """Write the mail that reminds of a password which expires at the unix time `until` (M8)."""
    subject = translate("登入密碼即將到期", account.language)
    moment = write_moment(until, account.language)
    days = settings.password_life_seconds // 86400
    return _mail("password_reminder", subject, account, settings, moment_of_end=moment, days=days)


def notice_mail(notice: Notice, account: Account, *, at: float, settings: Settings) -> MailWords:
    """Write the mail that tells of `notice`, which happened at the unix time `at` (M32)."""
    subject = translate(notice.value, account.language)
    return _mail("notice", subject, account, settings, happened=_happened(notice, account, at))


def notice_text(notice: Notice, account: Account, *, at: float, settings: Settings) -> str:
    """Write the text message that tells of `notice`, which happened at the unix time `at` (M32)."""
    words = translate("鉅亨證券：{subject}。{happened}如非閣下本人操作，請立即致電 {phone}。", account.language)
    subject = translate(notice.value, account.language)
    return words.format(subject=subject, happened=_happened(notice, account, at), phone=settings.support_phone)


def _happened(notice: Notice, account: Account, at: float) -> str:
    words = translate(_HAPPENED[notice], account.language)
    return words.format(account=account.account, moment=write_moment(at, account.language))


def _code_text(words: str, account: Account, code: str, settings: Settings) -> str:
    minutes = settings.code_life_seconds // 60
    return translate(words, account.language).format(code=code, minutes=minutes, phone=settings.support_phone)


def _mail(name: str, subject: str, account: Account, settings: Settings, **values: object) -> MailWords:
    everything = {**values, "subject": subject, "account": account, "settings": settings}
    return MailWords(
        subject=subject,
        text=render(f"mail/{name}.txt", account.language, everything),
        html=render(f"mail/{name}.html", account.language, everything),
    )
