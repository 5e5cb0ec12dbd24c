"""Where moments stand from left to right: in the order of time, wide where it was long, none on top of another."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

_ROOMY = 1_070.0
"""Pixels that a short scenario spreads over: about the width of a page."""

_MARGIN = 10.0
"""Pixels left free at either end, for what is drawn around a moment."""

_SHARE_OF_TIME = 0.12
"""However many moments there are, this much of their least width is added and dealt out by duration alone."""

_NICE = tuple(base * 10.0**power for power in range(-3, 5) for base in (1.0, 2.0, 5.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A point that must be told from its neighbours.

    `elapsed` is in seconds. `gap` is how far it keeps, in pixels, from the moment before it; `row` names what it must
    not cover, and `room` is how many pixels of that row it takes to its right. `after` is the index of an earlier
    moment and `reach` how far it stays from that one: a bar's end from its beginning.
    """

    elapsed: float
    gap: float = 0.0
    row: str = ""
    room: float = 0.0
    after: int = -1
    reach: float = 0.0


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale from seconds to a share of the width, 0 to 1.

    Each step has room to be seen, however short it was, and what is left of the width is dealt out by duration; so
    the scale is not even, and its ticks say so.
    """

    pixels: float
    """The least width at which nothing covers anything."""
    positions: tuple[float, ...]
    """Where each moment stands, 0 to 1, in the order given."""
    _times: tuple[float, ...]
    _places: tuple[float, ...]

    def at(self, elapsed: float) -> float:
        """Where a time stands: 0 to 1, between the moments around it."""
        times, places = self._times, self._places
        if not times or elapsed <= times[0]:
            return places[0] if places else 0.0
        index = bisect_right(times, elapsed)
        if index == len(times):
            return places[-1]
        share = (elapsed - times[index - 1]) / (times[index] - times[index - 1])
        return places[index - 1] + share * (places[index] - places[index - 1])

    def ticks(self, wanted: int = 12) -> tuple[float, ...]:
        """Round times in seconds from the first moment on, at most about `wanted`; 0 is among them."""
        if not self._times:
            return ()
        span = self._times[-1] - self._times[0]
        step = next((nice for nice in _NICE if span / nice <= wanted), _NICE[-1])
        return tuple(index * step for index in range(int(span / step + 1e-9) + 1))


def laid_out(moments: Sequence[Moment]) -> Axis:
    """Place moments that come in the order of time."""
    places: list[float] = []
    taken: dict[str, float] = {}
    x = _MARGIN
    for index, moment in enumerate(moments):
        x = x + moment.gap if index else 0.0
        if moment.row:
            x = max(x, taken.get(moment.row, 0.0))
        if moment.after >= 0:
            x = max(x, places[moment.after] + moment.reach)
        if moment.row:
            taken[moment.row] = x + moment.room
        places.append(x)
    least = max([x + _MARGIN, *taken.values()])
    start, end = (moments[0].elapsed, moments[-1].elapsed) if moments else (0.0, 0.0)
    extra = max(_ROOMY - least, _SHARE_OF_TIME * least) if end > start else 0.0
    pixels = least + extra
    positions = tuple(
        (place + (extra * (moment.elapsed - start) / (end - start) if extra else 0.0)) / pixels
        for place, moment in zip(places, moments, strict=True)
    )
    # Several moments may share a time; the scale between times runs from the last of one to the first of the next.
    times: list[float] = []
    marks: list[float] = []
    for moment, position in zip(moments, positions, strict=True):
        if times and times[-1] == moment.elapsed:
            marks[-1] = position
        else:
            times.append(moment.elapsed)
            marks.append(position)
    return Axis(pixels, positions, tuple(times), tuple(marks))
