"""Notices: a customer is told of each login and each change, by another channel than the one used for it (M32).

Whoever has taken over one channel cannot keep the customer from hearing of it by the other.
"""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from auth_server.accounts import Account
from auth_server.channels import Channel
from auth_server.messages import Notice, notice_mail, notice_text
from auth_server.outbox import Outbox
from auth_server.settings import Settings

# A new token can log in by itself from then on, and without one its owner cannot: both channels hear of it.
_BY_BOTH: Final = frozenset({Notice.TOKEN_BOUND, Notice.TOKEN_CLEARED})


class Notices:
    """Writes notices into the outbox."""

    def __init__(self, settings: Settings, outbox: Outbox, now: Callable[[], float]) -> None:
        self._settings = settings
        self._outbox = outbox
        self._now = now

    def tell(self, tx: Connection, account: Account, what: Notice, used: Channel) -> None:
        """Tell the customer of `what`: by text message if it was done by mail (`used`), by mail otherwise."""
        at = self._now()
        if what in _BY_BOTH or used is not Channel.MAIL:
            words = notice_mail(what, account, at=at, settings=self._settings)
            self._outbox.queue_mail(
                tx,
                at=at,
                to=account.email,
                subject=words.subject,
                text=words.text,
                html=words.html,
                pictures=words.pictures,
                account=account.account,
            )
        if what in _BY_BOTH or used is Channel.MAIL:
            words = notice_text(what, account, at=at, settings=self._settings)
            self._outbox.queue_text(tx, at=at, to=account.phone, text=words, account=account.account)
