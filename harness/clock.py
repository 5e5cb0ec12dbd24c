"""One clock for phone, server, gateways and browser; it stands still until a step moves it: no code expires unread."""

from collections.abc import Awaitable, Callable

Now = Callable[[], float]
Moved = Callable[[float], Awaitable[None]]


class WorldClock:
    """The time of one world, in Unix seconds.

    A virtual clock stands at `start` until it is advanced. A real one follows `real_now`, and cannot be advanced.
    """

    def __init__(self, *, real_now: Now, virtual: bool = True) -> None:
        self.virtual = virtual
        self._real_now = real_now
        self._time = start_of_a_token_step(real_now())
        self._listeners: list[Moved] = []

    def now(self) -> float:
        """Tell the time (Unix seconds)."""
        return self._time if self.virtual else self._real_now()

    async def advance(self, seconds: float) -> None:
        """Move the clock forward and let everybody who follows it know.

        Raises ValueError when the clock is real or the time would go backwards: a world's time only grows.
        """
        if not self.virtual:
            raise ValueError("a real clock cannot be moved; write `clock: virtual` in the scenario's head")
        if seconds < 0:
            raise ValueError("a world's time only grows; to let a phone's clock run slow, use phone.clock")
        self._time += seconds
        for listener in self._listeners:
            await listener(self._time)

    def on_move(self, listener: Moved) -> None:
        """Call `listener` with the new time after each move."""
        self._listeners.append(listener)


def start_of_a_token_step(at: float, period_seconds: int = 30) -> float:
    """Round down to a step of the token's codes (RFC 6238), so that the first code of a world lives its whole time."""
    return at - at % period_seconds
