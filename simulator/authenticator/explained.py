"""Why an address or a key gives no account, in words for the phone's owner (Traditional Chinese, to be translated)."""

from collections.abc import Mapping
from typing import Final

from simulator.authenticator.otpauth import Fault

EXPLAINED: Final[Mapping[Fault, str]] = {
    Fault.FOREIGN: "這不是驗證碼帳戶的二維碼或連結（應以 otpauth:// 開頭）。",
    Fault.MIGRATION: "這是其他驗證器匯出的一批帳戶，未能讀取。請逐一掃描各網站的二維碼。",
    Fault.KIND: "此帳戶不是 TOTP 或 HOTP 種類，未能使用。",
    Fault.DAMAGED: "此二維碼或連結已損毀或不完整。請在網站重新產生。",
    Fault.NAME: "帳戶名稱欠缺、太長或含有不能顯示的字元。",
    Fault.NO_KEY: "沒有密鑰。請輸入網站顯示的密鑰。",
    Fault.KEY: "密鑰不正確：只可有英文字母 A 至 Z 及數字 2 至 7，而且必須完整。",
    Fault.WEAK: "密鑰太短（少於80位元），不夠安全，或抄寫時有遺漏。",
    Fault.LONG: "密鑰太長，不是驗證碼帳戶的密鑰。",
    Fault.ALGORITHM: "此帳戶使用的演算法不獲支援；只支援 SHA-1、SHA-256 及 SHA-512。",
    Fault.DIGITS: "驗證碼的位數必須是6、7或8。",
    Fault.PERIOD: "驗證碼的週期必須是1至3600秒。",
    Fault.COUNTER: "HOTP 帳戶的計數器欠缺或不正確。",
}
"""What to say of each fault."""
