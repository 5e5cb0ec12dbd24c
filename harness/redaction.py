"""Keeps secrets out of everything that is shown or written: each is registered before use and shows as an alias."""

import html
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

SHORTEST_SECRET = 4


class Redactor:
    """Knows the secrets of a run, and replaces each by a stable alias such as `‹otp#3›`."""

    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}
        self._counts: Counter[str] = Counter()
        self._pattern: re.Pattern[str] | None = None

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._aliases)} secrets>"

    def register(self, value: str, kind: str) -> str:
        """Make `value` a secret of this kind (`otp`, `pin`, `password`, `link`, …) and return its alias.

        A value shorter than four characters cannot be told from ordinary text: ValueError.
        """
        if len(value) < SHORTEST_SECRET:
            raise ValueError(f"a secret of fewer than {SHORTEST_SECRET} characters cannot be hidden")
        if value not in self._aliases:
            self._counts[kind] += 1
            alias = f"‹{kind}#{self._counts[kind]}›"
            for form in (value, quote(value, safe=""), html.escape(value)):
                self._aliases.setdefault(form, alias)
            self._pattern = None
        return self._aliases[value]

    def redact(self, text: str) -> str:
        """Replace every registered secret in `text` by its alias."""
        return self._search().sub(lambda found: self._aliases[found[0]], text) if self._aliases else text

    def leaks(self, files: Iterable[Path]) -> tuple[str, ...]:
        """Say which secret, by its alias, still stands in which file. What cannot be read as text is passed over."""
        found = list[str]()
        for path in files:
            try:
                text = path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            if any(form in text for form in self._aliases):
                found += sorted(
                    {f"{self._aliases[match[0]]} in {path.name}" for match in self._search().finditer(text)}
                )
        return tuple(found)

    def _search(self) -> re.Pattern[str]:
        if self._pattern is None:
            longest_first = sorted(self._aliases, key=len, reverse=True)
            self._pattern = re.compile("|".join(_whole(form) for form in longest_first) or r"(?!)")
        return self._pattern


def _whole(form: str) -> str:
    """A code is a secret only as a whole number: 281704 does not stand in 12817045."""
    escaped = re.escape(form)
    return rf"(?<![0-9A-Za-z]){escaped}(?![0-9A-Za-z])" if form.isalnum() else escaped
