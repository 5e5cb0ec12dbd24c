"""What a customer had better know while using the app: a clock that is off, a phone whose protection is broken."""

from collections.abc import Iterator

from simulator.securities.answers import TokenStanding
from simulator.view.screens.screen import PhoneScreen
from simulator.view.widgets.words import Words

_MINUTE_SECONDS = 60
_HOUR_SECONDS = 3600


def about_the_phone(screen: PhoneScreen) -> Iterator[Words]:
    """That the phone's protection is broken, where the app works all the same."""
    if screen.securities.warns_of_rooting:
        words = "此電話已越獄或已取得最高權限，您的帳戶可能不受保護。建議改用其他電話。"
        yield Words("! " + screen.say(words), classes="-waiting", id="rooted")


def about_codes(screen: PhoneScreen) -> Iterator[Words]:
    """Why a code may not be taken: the phone's clock is off by more than half a minute, or the token is locked."""
    ahead = screen.securities.clock_ahead_seconds
    if ahead:
        words = "電話的時間快了約{length}，驗證碼可能不被接受。請校正電話的時間。"
        if ahead < 0:
            words = "電話的時間慢了約{length}，驗證碼可能不被接受。請校正電話的時間。"
        text = screen.say(words, length=_length(screen, abs(ahead)))
        yield Words(f"! {text}", classes="-waiting", id="clock-off")
    shown = screen.securities.settings_shown
    if shown is not None and shown.token is TokenStanding.LOCKED:
        words = "保安編碼器已鎖定：驗證碼連續10次不正確。請致電客戶服務部解鎖。"
        yield Words("✘ " + screen.say(words), classes="-failed", id="locked")


def _length(screen: PhoneScreen, seconds: float) -> str:
    if seconds < 2 * _MINUTE_SECONDS:
        return screen.say("{count}秒", count=round(seconds))
    if seconds < 2 * _HOUR_SECONDS:
        return screen.say("{count}分鐘", count=round(seconds / _MINUTE_SECONDS))
    return screen.say("{count}小時", count=round(seconds / _HOUR_SECONDS))
