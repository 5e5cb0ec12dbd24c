"""The page about security claims what is proved: every requirement of the list stands there, and every proof exists."""

import re
from functools import cache
from pathlib import Path

import pytest

from tests.auth_server.attacks.pack import ATTACKS

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "security.md"

# The requirements of ASVS 5.0 that the server is held to: all that concern it of levels 1 and 2, and some of level 3.
REQUIREMENTS = """
    1.2.1 1.3.11
    2.1.1 2.1.2 2.1.3 2.2.1 2.2.2 2.3.1 2.3.2 2.3.3 2.3.4 2.4.1
    3.2.2 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.2 3.4.3 3.4.4 3.4.5 3.4.6 3.4.8 3.5.1 3.5.3 3.7.2
    4.1.3
    6.1.1 6.1.2 6.1.3
    6.2.1 6.2.2 6.2.3 6.2.4 6.2.5 6.2.6 6.2.7 6.2.8 6.2.9 6.2.10 6.2.11 6.2.12
    6.3.1 6.3.2 6.3.3 6.3.4 6.3.5 6.3.6 6.3.7 6.3.8
    6.4.1 6.4.2 6.4.3 6.4.4 6.4.5 6.4.6
    6.5.1 6.5.2 6.5.3 6.5.4 6.5.5 6.5.6 6.5.7 6.5.8
    6.6.1 6.6.2 6.6.3 6.6.4 6.7.2 6.8.1
    7.1.1 7.1.2 7.2.1 7.2.2 7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.2 7.4.3 7.4.4 7.5.1 7.5.2 7.5.3 7.6.1 7.6.2
    8.2.2 8.3.1 8.3.2
    9.1.1 9.1.2 9.1.3 9.2.1 9.2.2 9.2.3 9.2.4
    11.2.3 11.2.4 11.3.1 11.3.2 11.3.3 11.3.4 11.4.2 11.4.4 11.5.1
    13.3.1 13.4.2 13.4.5
    14.2.1 14.2.6 14.3.2 14.3.3
    15.3.3 15.3.4 15.3.5 15.3.7 15.4.2
    16.2.5 16.3.1 16.3.2 16.3.3 16.3.4 16.4.1 16.5.1 16.5.2 16.5.3 16.5.4
"""
DEPARTURES = {"6.2.5", "6.2.10", "6.3.6", "7.5.2"}
"""Requirements from which the server departs, and says so."""

Row = tuple[str, ...]


def rows(page: str, heading: str) -> list[Row]:
    """The rows of the first table below a heading, without its own."""
    table = page.partition(f"{heading}\n")[2].partition("\n| --- ")[2].partition("\n\n")[0]
    return [tuple(cell.strip() for cell in line.strip("| ").split(" | ")) for line in table.splitlines()[1:]]


def claims(page: str) -> list[Row]:
    """What is claimed: requirement, level, in short, proofs."""
    return [row for row in rows(page, "## The standard") if row[0][:1].isdigit()]


def missing(proofs: str) -> list[str]:
    """Those of the linked proofs that there are not."""
    links = re.findall(r"\[([^\]]+)\]\(\.\./([^)]+)\)", proofs)
    assert links, f"no proof: {proofs}"
    return [name for name, path in links if f"{path} {name}" not in provable()]


@cache
def provable() -> frozenset[str]:
    """Every test by its file and its name in words, and every attack by its file and its row."""
    tests = {
        f"{path.relative_to(ROOT)} {name.replace('_', ' ')}"
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def test_(\w+)\(", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    return frozenset(tests | {f"{attack.run.__module__.replace('.', '/')}.py {attack.row}" for attack in ATTACKS})


@pytest.fixture(scope="module")
def page() -> str:
    """The page as it is."""
    return PAGE.read_text(encoding="utf-8")


def test_every_requirement_of_the_list_stands_there_once_with_its_level(page: str) -> None:
    claimed = [requirement for requirement, *_ in claims(page)]
    assert set(REQUIREMENTS.split()) <= set(claimed)
    assert len(set(claimed)) == len(claimed)
    assert {level for _, level, *_ in claims(page)} == {"1", "2", "3"}


def test_every_proof_exists(page: str) -> None:
    assert {row[0]: missing(row[-1]) for row in claims(page) if missing(row[-1])} == {}
    departures = rows(page, "### Departures")
    assert len(departures) > 5
    assert {row[0]: missing(row[-1]) for row in departures if missing(row[-1])} == {}


def test_what_departs_from_a_requirement_is_told_with_what_makes_up_for_it(page: str) -> None:
    assert {row[0] for row in claims(page) if "departure" in row[2]} == DEPARTURES
    told = " ".join(row[1] for row in rows(page, "### Departures"))
    assert {requirement for requirement in DEPARTURES if requirement not in told} == set()
    assert all(len(row) == 4 and row[2] for row in rows(page, "### Departures"))


def test_a_proof_that_does_not_exist_is_noticed() -> None:
    assert missing("[a code is good for ever](../tests/auth_server/test_one_time_codes.py)")
    assert missing("[A1](../tests/auth_server/attacks/tokens.py)")
    assert not missing("[A1](../tests/auth_server/attacks/one_time_codes.py)")
