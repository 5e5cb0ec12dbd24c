"""What the source may not do, whoever writes it: each rule reads the whole package, and refuses a case of its own."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import auth_server

ROOT = Path(auth_server.__file__).parent
SECRET = re.compile(r"(code|token|password|pin|seed|secret|mac|digest|signature|ticket|confirmation)s?")
COMPARED_IN_THE_OPEN = {
    "answer.status_code": "of HTTP",
    "error.status_code": "of HTTP",
    "code": "in gateways.py a reply of SMTP",
    "read_code(code) != code": "what was typed with itself",
    "password != again": "both were typed in one form",
    "getpass('Again: ') != password": "both were typed at one terminal",
    "password.lower() in _common_passwords()": "with a list that is public",
    "base64.b32encode(data).decode('ascii').rstrip('=') != code": "what was typed with itself",
}
"""Comparisons that have no secret on the other side, and what is there."""

CHECKS = {"re.fullmatch", "re.search", "re.match", "re.compile"}

Rule = Callable[[ast.Module], Iterator[ast.AST]]


@cache
def sources() -> tuple[tuple[Path, ast.Module], ...]:
    """The package but for the bugs that are planted on purpose, and the migrations."""
    paths = [path for path in sorted(ROOT.rglob("*.py")) if not {"planted_bugs", "migrations"} & set(path.parts)]
    return tuple((path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths)


def weak_chance(module: ast.Module) -> Iterator[ast.AST]:
    """Secrets come from `secrets`: no `random`, and no UUID passes for one (ASVS 6.5.3, 11.5.1)."""
    for node in ast.walk(module):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        origin = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
        if {"random", "uuid"} & {name.partition(".")[0] for name in (*names, origin)}:
            yield node


def open_comparison(module: ast.Module) -> Iterator[ast.AST]:
    """Secrets are compared in constant time, or by the database under a keyed hash: never by ``==`` (ASVS 11.2.4)."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Compare) or ast.unparse(node) in COMPARED_IN_THE_OPEN:
            continue
        sides = [node.left, *node.comparators]
        tells = any(isinstance(operator, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for operator in node.ops)
        known = any(_is_column(side) or ast.unparse(side) in COMPARED_IN_THE_OPEN for side in sides)
        if tells and not known and any(_is_secret(side) for side in sides):
            yield node


def loose_number(module: ast.Module) -> Iterator[ast.AST]:
    """Text becomes a number only after it was matched: ``int`` takes signs, blanks and every script's digits."""
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        matched = "re.fullmatch" in ast.unparse(function)
        for node in ast.walk(function):
            is_conversion = isinstance(node, ast.Call) and ast.unparse(node.func) in {"int", "float"} and node.args
            if is_conversion and not matched and not _is_a_time(node.args[0]):
                yield node


def loose_pattern(module: ast.Module) -> Iterator[ast.AST]:
    """Outside text is matched whole, against named characters: ``match`` and ``$`` take a newline at the end, and
    ``\\d``, ``\\w`` and ``str.isdigit`` take every script's digits and letters."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            pattern = ast.unparse(node.args[0]) if node.args and called in CHECKS else ""
            if (
                called == "re.match"
                or re.search(r"\\[dw]", pattern)
                or re.search(r"\.is(digit|decimal|alnum)$", called)
            ):
                yield node


def own_clock(module: ast.Module) -> Iterator[ast.AST]:
    """Time is handed in: no rule looks at a clock of its own, nor at what a request says (ASVS 6.5.8)."""
    clocks = {"time.time", "time.time_ns", "datetime.now", "datetime.utcnow", "datetime.today", "date.today"}
    return (node for node in ast.walk(module) if isinstance(node, ast.Call) and ast.unparse(node.func) in clocks)


ALLOWED = {
    ("languages.py", "float(value)"): "how much a browser wants a language",
    ("masking.py", "character.isdigit()"): "of a number that was read strictly when the customer was created",
}
RULES: list[tuple[Rule, list[str]]] = [
    (weak_chance, ["import random", "from random import choice", "import uuid", "from uuid import uuid4"]),
    (
        open_comparison,
        ["given == expected_code", "self.mac != mac", "row.session_token in tokens", "code_of(seed, step) == text"],
    ),
    (loose_number, ["def f(t): return int(t)", "def f(r): return int(r.query['page'])", "def f(t): return float(t)"]),
    (loose_pattern, ["re.match('[0-9]+', t)", r"re.fullmatch(r'\d{6}', t)", "text.isdigit()", "name.isalnum()"]),
    (own_clock, ["time.time()", "datetime.now(UTC)"]),
]


@pytest.mark.parametrize("rule", [rule for rule, _ in RULES], ids=lambda rule: rule.__name__)
def test_the_source_keeps_the_rule(rule: Rule) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)} {ast.unparse(node)}"
        for path, module in sources()
        for node in rule(module)
        if (path.name, ast.unparse(node)) not in ALLOWED
    ]
    assert found == []


@pytest.mark.parametrize(("rule", "source"), [(rule, source) for rule, bad in RULES for source in bad])
def test_the_rule_notices(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source)))


def test_every_exception_is_still_needed() -> None:
    written = {(path.name, ast.unparse(node)) for path, module in sources() for node in ast.walk(module)}
    assert set(ALLOWED) <= written
    texts = {text for _, text in written}
    assert set(COMPARED_IN_THE_OPEN) <= texts


def test_keys_and_proofs_are_compared_in_constant_time() -> None:
    where = {path.name for path, module in sources() if "hmac.compare_digest" in ast.unparse(module)}
    assert where == {"keyed_route.py", "sealing.py", "token_setup.py", "totp.py"}


def _is_secret(node: ast.expr) -> bool:
    named = ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    # `code_of`, `password_hash` and `token_id` are made of one, and only the first is one itself.
    return any(SECRET.fullmatch(word) for word in (named.rpartition("_")[2], named.removesuffix("_of")))


def _is_column(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr == "c"


def _is_a_time(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return True
    named = ast.unparse(node.func if isinstance(node, ast.Call) else node).rpartition(".")[2]
    return named in {"now", "at"} or named.endswith(("_at", "_SECONDS"))
