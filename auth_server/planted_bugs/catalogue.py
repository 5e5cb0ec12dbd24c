"""All bugs, and the names by which they are asked for."""

import difflib

from auth_server.planted_bugs import (
    biometrics,
    enrolling,
    leaks,
    limits,
    logins,
    one_time_codes,
    passwords,
    races,
    sessions,
)
from auth_server.planted_bugs.kinds import BUGS

MODULES = (one_time_codes, limits, races, logins, sessions, passwords, enrolling, biometrics, leaks)
"""Where bugs are; each enters its own into `BUGS` when it is imported."""


def read_names(text: str) -> tuple[str, ...]:
    """Read the names of bugs, separated by commas.

    Raises `ValueError` for one that is none, with the one that was probably meant.
    """
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    for name in names:
        if name not in BUGS:
            near = difflib.get_close_matches(name, BUGS, n=1)
            raise ValueError(f"names no planted bug: {name}" + (f"; did you mean {near[0]}?" if near else ""))
    return names
