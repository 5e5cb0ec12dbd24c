"""Why the phone API refuses a request, as far as the phone is told; the audit trail knows more.

The codes are those of docs/phone-api.md.
"""

from dataclasses import dataclass
from typing import Final, Literal

from auth_server.biometrics import Reason
from auth_server.passwords import PasswordRule

RefusalCode = Literal[
    "not-logged-in",
    "login-refused",
    "new-password-needed",
    "password-expired",
    "token-required",
    "device-not-proved",
    "wrong-password",
    "password-refused",
    "wrong-step",
    "wrong-code",
    "wrong-registration-code",
    "binding-failed",
    "wrong-pin",
    "terms-changed",
    "biometrics-refused",
    "biometrics-suspended",
    "too-many-requests",
]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A request is refused.

    `retry_after_seconds` is given where a limit is reached, `rules` with `password-refused`, `reason` with
    `biometrics-suspended`.
    """

    code: RefusalCode
    retry_after_seconds: int | None = None
    rules: tuple[PasswordRule, ...] = ()
    reason: Reason | None = None


STATUS: Final[dict[RefusalCode, int]] = {
    "not-logged-in": 401,
    "login-refused": 401,
    "new-password-needed": 403,
    "password-expired": 403,
    "token-required": 403,
    "device-not-proved": 403,
    "wrong-password": 403,
    "password-refused": 422,
    "wrong-step": 409,
    "wrong-code": 403,
    "wrong-registration-code": 403,
    "binding-failed": 403,
    "wrong-pin": 403,
    "terms-changed": 409,
    "biometrics-refused": 403,
    "biometrics-suspended": 403,
    "too-many-requests": 429,
}

MESSAGE: Final[dict[RefusalCode, str]] = {
    "not-logged-in": "登入已結束，請重新登入。",
    "login-refused": "用戶名稱或密碼不正確。",
    "new-password-needed": "密碼已過期，請更改密碼。",
    "password-expired": "密碼已過期，請到網上交易登入頁面更改密碼。",
    "token-required": "請先在此手機上啟用保安編碼器。",
    "device-not-proved": "未能確認此手機，請再試。",
    "wrong-password": "現時密碼不正確。",
    "password-refused": "新密碼不符合密碼規則。",
    "wrong-step": "此步驟現時不適用，請返回再試。",
    "wrong-code": "驗證碼不正確。",
    "wrong-registration-code": "註冊編碼不正確。",
    "binding-failed": "綁定未能完成，請再試。",
    "wrong-pin": "保安密碼不正確，請稍後再試。",
    "terms-changed": "條款已更新，請重新閱讀。",
    "biometrics-refused": "生物認證未能完成，請輸入保安密碼。",
    "biometrics-suspended": "生物認證已暫停，請輸入保安密碼，並重新登記生物認證。",
    "too-many-requests": "嘗試次數過多，請稍後再試。",
}
