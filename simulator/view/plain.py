"""Text from outside made safe to show: mails and texts must not draw on the screen nor turn words around."""

import unicodedata

_JOINERS = frozenset("\u200c\u200d")
"""Invisible, but letters of some scripts and many emoji are spelt with them."""

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories: controls (ANSI escapes begin with one), formats (direction overrides), surrogates, separators."""


def plain(text: str) -> str:
    """`text` without what a terminal would obey or an eye could not see.

    Line ends become `\\n`, tabs two spaces; each other control or invisible character becomes a visible replacement
    character, so that nothing vanishes silently.
    """
    if text.replace("\n", "").isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "  ")
    return "".join(character if _is_plain(character) else "\N{REPLACEMENT CHARACTER}" for character in lines)


def _is_plain(character: str) -> bool:
    return character == "\n" or character in _JOINERS or unicodedata.category(character) not in _UNSEEN
