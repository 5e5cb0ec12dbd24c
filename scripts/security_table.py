"""Writes the table of attacks and planted bugs into docs/security.md, from the attack pack and the bugs themselves."""

import re
from collections.abc import Iterator
from pathlib import Path

from auth_server.planted_bugs.catalogue import BUGS
from tests.auth_server.attacks.pack import ATTACKS
from tests.end_to_end.planted import CATCHES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "security.md"
BEGIN, END = "<!-- attacks: from here -->", "<!-- attacks: to here -->"


def main() -> None:
    """Write the table in the place of the one that is there."""
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page), encoding="utf-8")


def with_table(page: str) -> str:
    """Give `page` with the table between its two marks."""
    table = "\n".join(["", *_rows(), ""])
    return re.sub(f"(?<={re.escape(BEGIN)}\n).*(?={re.escape(END)})", lambda _: table, page, flags=re.DOTALL)


def _rows() -> Iterator[str]:
    yield "| attack | what its test proves | planted bug | which promise the bug breaks | scenario |"
    yield "| --- | --- | --- | --- | --- |"
    for attack in ATTACKS:
        module = attack.run.__module__.rpartition(".")[2]
        where = f"[{attack.fact}](../tests/auth_server/attacks/{module}.py)"
        for bug in attack.bugs:
            promise = " ".join((BUGS[bug].__doc__ or "").split()).removesuffix(".")
            scenario = f"[{CATCHES[bug]}](../scenarios/{CATCHES[bug]}.scenario.yaml)" if bug in CATCHES else ""
            yield f"| {attack.row} | {where} | `{bug}` | {promise} | {scenario} |"


if __name__ == "__main__":
    main()
