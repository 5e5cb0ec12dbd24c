"""The terms that a customer agrees to before biometrics are registered (M21, M21a)."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """One wording of the terms. A registration records its version, so a new wording takes a new one."""

    version: str
    title: str
    paragraphs: tuple[str, ...]


TERMS: Final = Terms(
    version="2026-11",
    title="生物認證服務條款及細則",
    paragraphs=(
        "如閣下正值青少年時期，面部特徵仍可能隨成長而改變，請勿使用面容識別作認證之用。",
        "閣下不得關閉手機上保護生物認證的功能（例如面容識別的注視偵測），亦不得同意任何會削弱生物認證安全性的設定。",
        "如閣下懷疑手機上的生物特徵記錄、裝置密碼、登入密碼或保安密碼可能已經外洩，請立即更改，並重新登記或取消生物認證服務。",
        "手機上的生物特徵記錄或閣下的登入密碼一經更改，或閣下在另一部手機登入，原有手機上的生物認證服務即會暫停，須重新登記方可使用。",
        "生物認證服務按「現況」及「現有」的基礎提供，本公司不保證服務時刻有效或不會中斷，亦不保證適用於所有裝置。",
        "生物特徵由閣下手機的感應器及系統讀取及核對，該等感應器及系統並非由本公司提供，本公司對其表現概不負責。",
        "因使用或未能使用生物認證服務而引致的任何損失，本公司概不承擔責任，但因本公司的嚴重疏忽或故意失責所致者除外。",
    ),
)
