"""`python -m benchmarks [journey …]`: measure every figure, or those of some groups, one line each.

Ends with code 1 if a figure falls short, 2 for a group that there is not.
"""

import sys
from collections.abc import Callable, Iterator, Mapping

from benchmarks import journey, phone, server
from benchmarks.figures import Figure

GROUPS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "journey": journey.figures,
    "server": server.figures,
    "phone": phone.figures,
}


def main(asked: list[str]) -> int:
    """Measure and print; the exit code says whether every figure held."""
    unknown = [group for group in asked if group not in GROUPS]
    if unknown:
        print(f"no figures are called {unknown[0]}; there are {', '.join(GROUPS)}", file=sys.stderr)
        return 2
    short = 0
    for group in asked or GROUPS:
        for figure in GROUPS[group]():
            print(figure, flush=True)
            short += not figure.holds
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
