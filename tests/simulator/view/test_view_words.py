"""The view's words: every one of them has its English, and none is written past the catalogue."""

import ast
import re
import string
from pathlib import Path

import simulator.view
from simulator.language import translate
from simulator.view.terms import CONSENT, DISCLAIMER, TUTORIAL

VIEW = Path(simulator.view.__file__).parent
HAN = re.compile(r"[\u4e00-\u9fff]")
NOT_WORDS = {"copying.py", "typesetting.py"}
"""Their Chinese is in patterns that look for it."""


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in sorted(VIEW.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            is_text = isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
            if is_text and HAN.search(node.value) and path.name not in NOT_WORDS:
                found.append((node.value, f"{path.name}:{node.lineno}"))
    return found


def _places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_each_word_of_the_view_is_translated_with_the_same_places_to_fill_in():
    texts = _texts()
    assert len(texts) > 100
    for text, place in texts:
        english = translate(text, "en")
        assert english != text, f"{place}: no English for {text!r}"
        assert not HAN.search(english), f"{place}: {english!r}"
        assert _places(english) == _places(text), place


def test_the_long_texts_are_several_paragraphs_in_both_languages():
    assert len(DISCLAIMER) >= 7
    assert len(TUTORIAL) == 4
    assert len(CONSENT) == 3
    for _, paragraph in DISCLAIMER:
        assert len(translate(paragraph, "en").split()) > 15
