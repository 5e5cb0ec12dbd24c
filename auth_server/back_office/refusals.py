"""Why the back office refuses a request: staff are told the reason, unlike customers."""

from dataclasses import dataclass
from typing import Final, Literal

RefusalCode = Literal[
    "wrong-key",
    "invalid-request",
    "unknown-account",
    "taken",
    "password-not-taken",
    "password-refused",
    "nothing-to-resend",
    "too-many-requests",
]


@dataclass(frozen=True, slots=True)
class Refused:
    """A request is refused; with the `rules` that a password breaks, or the wait before the next try."""

    code: RefusalCode
    rules: tuple[str, ...] = ()
    retry_after_seconds: int | None = None

    @property
    def message(self) -> str:
        """Say it in a sentence, in Traditional Chinese: for a password, by the first rule that it breaks."""
        return self.rules[0] if self.rules else MESSAGE[self.code]


STATUS: Final[dict[RefusalCode, int]] = {
    "wrong-key": 401,
    "invalid-request": 422,
    "unknown-account": 404,
    "taken": 409,
    "password-not-taken": 403,
    "password-refused": 422,
    "nothing-to-resend": 409,
    "too-many-requests": 429,
}

MESSAGE: Final[dict[RefusalCode, str]] = {
    "wrong-key": "後台金鑰不正確。",
    "invalid-request": "請求格式不正確。",
    "unknown-account": "沒有此客戶帳號。",
    "taken": "客戶帳號已存在。",
    "password-not-taken": "後台不設定密碼；請發送重設密碼電郵，由客戶自行設定。",
    "password-refused": "密碼不符合密碼規則。",
    "nothing-to-resend": "沒有可再次發送的電郵。",
    "too-many-requests": "嘗試次數過多，請稍後再試。",
}
