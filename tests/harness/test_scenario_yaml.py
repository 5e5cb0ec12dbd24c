"""The two readers of restricted YAML: what they read, what they refuse, and that they agree."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.scenario.plain_yaml import read_plain_yaml
from harness.scenario.problems import Findings
from harness.scenario.trees import Scalar, Table
from harness.scenario.yaml_reader import read_yaml

SCENARIOS = Path(__file__).parents[2] / "scenarios"

PIECES = st.sampled_from(
    [
        *(
            "a",
            "key",
            "on-failure",
            "b.c",
            "$x",
            "${y}",
            "-45s",
            "- ",
            "-",
            "  ",
            " ",
            ": ",
            ":",
            "\n",
            "\n  ",
            "\n  - ",
        ),
        *(
            "\n- ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            ",",
            "'",
            '"',
            "#",
            " # c",
            "?",
            "|",
            "@",
            "x: y",
            "{a: b, c: d}",
            "- x.y: z",
        ),
        *(
            "啟用",
            "https://a/b",
            "a:b",
            "'q q'",
            '"d: d"',
            "~",
            "!",
            "&",
            "*",
            "<<",
            "x:",
            "\\",
            "[a, b]",
            "1",
            "\u3000",
            ">",
        ),
    ]
)


def whole(text: str) -> tuple[object, list[str]]:
    findings = Findings()
    tree = read_yaml(text, "p", findings)
    return tree, [problem.message for problem in findings.problems]


@settings(max_examples=400, deadline=None)
@given(st.booleans(), st.lists(PIECES, max_size=14))
def test_what_the_plain_reader_reads_is_what_the_whole_reader_reads(below: bool, pieces: list[str]) -> None:
    text = ("k: v\n" if below else "") + "".join(pieces)
    tree = read_plain_yaml(text, "p")
    if tree is not None:
        assert (tree, []) == whole(text)


@pytest.mark.parametrize("file", sorted(SCENARIOS.rglob("*.*.yaml")), ids=lambda file: file.name)
def test_the_scenarios_that_come_with_it_are_plain_and_read_alike(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    tree = read_plain_yaml(text, "p")
    assert tree is not None
    assert (tree, []) == whole(text)


def test_every_scalar_stays_the_text_that_it_is() -> None:
    text = "pin: 012345\nanswer: no\nnothing: null\nreal: 1e3\ndate: 2026-01-02\nquoted: '007'\n"
    for tree in (read_plain_yaml(text, "p"), whole(text)[0]):
        assert isinstance(tree, Table)
        values = [value.text for _, value in tree.entries if isinstance(value, Scalar)]
        assert values == ["012345", "no", "null", "1e3", "2026-01-02", "007"]


REFUSED = {
    "an anchor": ("a: &x b", "an anchor (&) is not part of this language"),
    "an alias": ("a: *x", "an alias (*) is not part of this language"),
    "a tag": ("a: !!int 3", "a tag (!) is not part of this language"),
    "a merge key": ("<<: {a: b}", "a merge key (<<) is not part of this language"),
    "a second document": ("a: b\n---\nc: d", "a second document begins here"),
    "a list as a key": ("? [a]\n: b", "a key must be a text"),
    "half a surrogate pair": ('a: "\\ud800"', "half of a surrogate pair is not a character"),
    "no character at all": ('a: "\\UFFFFFFFF"', "this file is not YAML that can be read"),
    "deep nesting": ("[" * 40 + "]" * 40, "this is nested too deeply"),
    "very deep nesting": ("[" * 20_000, "this is nested too deeply"),
    "a colon in a text": ("a: b: c", 'a ":" is not expected here'),
    "a tab": ("a:\n\t- b", "a tab cannot indent a line"),
    "a text that begins with a sign": ("a: @x", 'a text cannot begin with "@"'),
    "a line without a value": ("a: b\nc\nd: e", "this line has no value"),
    "a quote that stays open": ("a: 'b", "this quote is never closed"),
    "a brace that stays open": ("a: {b: c", "this bracket is never closed"),
    "a missing comma": ("a: {b: [c] d}", "a comma or a closing bracket is missing before this"),
    "a variable with braces inside braces": ("a: {b: ${c}}", "inside { } this cannot stand without quotes"),
    "a crooked indentation": ("a:\n  b: c\n d: e", "this line does not fit to those above it"),
    "an unknown escape": ('a: "\\q"', "this escape means nothing"),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_part_of_the_language_is_refused(text: str, message: str) -> None:
    assert read_plain_yaml(text, "p") is None
    assert whole(text) == (None, [message])


def test_a_text_knows_where_it_stands() -> None:
    findings = Findings()
    tree = read_yaml('a: "x"\nb: |\n  line\n', "p", findings)
    assert isinstance(tree, Table)
    (_, quoted), (_, block) = tree.entries
    assert isinstance(quoted, Scalar)
    assert isinstance(block, Scalar)
    assert (quoted.place.line, quoted.place.column, quoted.place.length, quoted.value.inner) == (1, 4, 3, 5)
    assert (block.text, block.value.inner) == ("line\n", 0)
