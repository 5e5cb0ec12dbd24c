"""Why the phone API refuses a request, as far as the phone is told; the audit trail knows more.

The codes are those of docs/phone-api.md.
"""

from dataclasses import dataclass
from typing import Final, Literal

RefusalCode = Literal[
    "not-logged-in",
    "login-refused",
    "password-expired",
    "wrong-step",
    "wrong-code",
    "wrong-registration-code",
    "binding-failed",
    "too-many-requests",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request is refused; with `retry_after_seconds` where a limit is reached."""

    code: RefusalCode
    retry_after_seconds: int | None = None


STATUS: Final[dict[RefusalCode, int]] = {
    "not-logged-in": 401,
    "login-refused": 401,
    "password-expired": 403,
    "wrong-step": 409,
    "wrong-code": 403,
    "wrong-registration-code": 403,
    "binding-failed": 403,
    "too-many-requests": 429,
}

MESSAGE: Final[dict[RefusalCode, str]] = {
    "not-logged-in": "登入已結束，請重新登入。",
    "login-refused": "用戶名稱或密碼不正確。",
    "password-expired": "密碼已過期，請到網上交易登入頁面更改密碼。",
    "wrong-step": "此步驟現時不適用，請返回再試。",
    "wrong-code": "驗證碼不正確。",
    "wrong-registration-code": "註冊編碼不正確。",
    "binding-failed": "綁定未能完成，請再試。",
    "too-many-requests": "嘗試次數過多，請稍後再試。",
}
