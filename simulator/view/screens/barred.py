"""The app on a phone whose protection is broken, where the broker does not bear that."""

from typing import TYPE_CHECKING, ClassVar

from simulator.view.screens.notice import NoticeScreen

if TYPE_CHECKING:
    from simulator.view.phone_view import PhoneView


class BarredScreen(NoticeScreen):
    """Says so; the way back leads out of the app."""

    NAME: ClassVar[str] = "barred"

    def __init__(self, view: "PhoneView") -> None:
        super().__init__(
            view,
            title=view.say("鉅亨證券 2"),
            trouble=view.say("此電話已越獄或已取得最高權限。為保障您的帳戶，本程式不能在此電話上使用。"),
            words=view.say("請使用其他電話，或將此電話回復原廠狀態後再試。"),
        )
