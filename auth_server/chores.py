"""Chores: what is to be done when its time has come, whether or not anybody asks for something.

Each is done a batch at a time, in a transaction of its own, and leaves a mark there, so that doing it again does
nothing: any number of processes may do chores at once.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from auth_server.database import Database
from auth_server.outbox import Outbox

Chore = Callable[[Connection], bool]
"""Does one batch; True if there may be more to do."""

_log: Final = logging.getLogger(__name__)

# On the server's clock, which may stand still or leap; a session's idle limit is three of these.
_EVERY_SECONDS: Final = 600.0
# On this machine's clock.
_FIRST_AFTER_SECONDS: Final = 1.0
_LOOK_EVERY_SECONDS: Final = 60.0


class Chores:
    """The chores of one server."""

    def __init__(self, database: Database, outbox: Outbox, now: Callable[[], float], *chores: Chore) -> None:
        self._database = database
        self._outbox = outbox
        self._now = now
        self._chores = chores
        self._due_at = now() + _EVERY_SECONDS

    @property
    def are_due(self) -> bool:
        """Tell whether the clock has passed the time of the next round; this costs nothing."""
        return self._now() >= self._due_at

    def do(self) -> None:
        """Do whatever there is to do. A database that is busy or away is left for the next round."""
        self._due_at = self._now() + _EVERY_SECONDS
        try:
            for chore in self._chores:
                while self._do_a_batch(chore):
                    pass
        except (OperationalError, PoolTimeout) as error:
            _log.warning("Chores have to wait: %s", type(error).__name__)
        self._outbox.wake()  # for what was set free where nobody could say so

    async def keep_doing(self) -> None:
        """Do them soon after the start and each minute, until cancelled; one that is being done is done first."""
        pause = _FIRST_AFTER_SECONDS
        while True:
            await asyncio.sleep(pause)
            doing = asyncio.ensure_future(asyncio.to_thread(self.do))
            try:
                await asyncio.shield(doing)
            except asyncio.CancelledError:
                await asyncio.wait([doing])
                raise
            pause = _LOOK_EVERY_SECONDS

    def _do_a_batch(self, chore: Chore) -> bool:
        with self._database.writing() as tx:
            return chore(tx)
