"""The acts that the pages offer for a customer: what each is called, what it will do, and when it is of use."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from auth_server.back_office import acts
from auth_server.back_office.acts import Act
from auth_server.back_office.customers import CustomerDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One act as a page offers it: the words on its button, what will happen, and what is said when it has."""

    act: Act
    label: str
    consequence: str
    done: str
    is_useful: Callable[[CustomerDetails], bool] | None = None
    is_grave: bool = False


OFFERS: Final[Mapping[str, Offer]] = {
    "password-reset": Offer(
        act=acts.reset_password,
        label="重設密碼",
        consequence="客戶會收到重設密碼的電郵；較早的連結會失效。現有密碼在客戶設定新密碼前仍然有效。",
        done="重設密碼電郵將會發送。",
        is_useful=lambda customer: not customer["has_open_link"],
    ),
    "resend-reset": Offer(
        act=acts.resend_reset,
        label="再次發送重設密碼電郵",
        consequence="客戶會再次收到重設密碼的電郵，內有新的連結；較早的連結會失效。",
        done="重設密碼電郵將會再次發送。",
        is_useful=lambda customer: customer["has_open_link"],
    ),
    "resend-registration": Offer(
        act=acts.resend_registration,
        label="再次發送註冊電郵",
        consequence="客戶會再次收到保安編碼器註冊資料的電郵，內有新的註冊編碼；較早的編碼會失效。",
        done="保安編碼器註冊資料電郵將會再次發送。",
        is_useful=lambda customer: customer["enrolment"] == "binding",
    ),
    "unlock": Offer(
        act=acts.unlock,
        label="解鎖",
        consequence="帳號及保安編碼器解除鎖定，輸入錯誤的密碼及驗證碼不再計算。",
        done="帳號已解鎖。",
    ),
    "lock": Offer(
        act=acts.lock,
        label="鎖定帳號",
        consequence="客戶不能再登入，網上及手機的登入立即結束，生物認證服務取消。",
        done="帳號已鎖定。",
        is_useful=lambda customer: not customer["locked"],
        is_grave=True,
    ),
    "clear-token": Offer(
        act=acts.clear_token,
        label="清除保安編碼器",
        consequence="保安編碼器及進行中的綁定立即結束，網上及手機的登入亦會結束。客戶會收到電郵通知，須重新綁定。",
        done="保安編碼器已清除。",
        is_useful=lambda customer: customer["token"]["state"] != "none" or customer["enrolment"] != "none",
        is_grave=True,
    ),
    "clear-biometrics": Offer(
        act=acts.clear_biometrics,
        label="取消生物認證",
        consequence="手機的生物認證登記立即結束，保安編碼器不變。客戶會收到電郵通知，須重新登記。",
        done="生物認證已取消。",
        is_useful=lambda customer: customer["biometrics"]["state"] != "none",
        is_grave=True,
    ),
}
"""By the last part of their addresses, in the order of the page."""
