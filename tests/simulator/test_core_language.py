"""The phone's two languages: every Chinese sentence of the core has its English one."""

import ast
import re
import string
from pathlib import Path

import simulator
from simulator.language import translate

PACKAGE = Path(simulator.__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")


def _texts() -> list[tuple[str, str]]:
    """Every string literal of the core with Chinese in it that is not a docstring, and where it stands."""
    found: list[tuple[str, str]] = []
    for path in sorted([*PACKAGE.glob("*.py"), *PACKAGE.glob("securities/*.py"), *PACKAGE.glob("authenticator/*.py")]):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
            if is_text and HAN.search(node.value):
                found.append((node.value, f"{path.relative_to(PACKAGE)}:{node.lineno}"))
    return found


def test_chinese_stays_as_it_is():
    assert translate("請先登入。", "zh-Hant") == "請先登入。"


def test_english_comes_from_the_catalogue_and_what_it_lacks_stays():
    assert translate("請先登入。", "en") == "Please log in first."
    assert translate("catalogue 沒有", "en") == "catalogue 沒有"


def test_each_text_has_an_english_one_with_the_same_places_to_fill_in():
    texts = _texts()
    assert len(texts) > 30
    for text, place in texts:
        english = translate(text, "en")
        assert english != text, f"{place}: no English for {text!r}"
        assert not HAN.search(english), f"{place}: {english!r}"
        assert _places(english) == _places(text), place


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
