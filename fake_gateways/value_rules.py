"""Where in a message a value stands: behind certain words, in a link, or as a picture."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from fake_gateways.html_text import links_in
from fake_gateways.mail import Mail
from fake_gateways.sms import Text

_ENDS_HERE = r"(?![0-9A-Za-z]|\d|-[0-9A-Za-z])"
"""What follows a value may not go on with it: six digits of seven are not a code."""

_LOOKS_LIKE_A_CODE = re.compile(r"[0-9](?:[ -]?[0-9]){3,}")
_REST_OF_A_LINK = r"[A-Za-z0-9_.~%+=-]+"
_REJECTED_AT_MOST = 20
"""How much of what was passed over is kept of one text: enough to see the reason."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """Something that looked like the value, and why it is not."""

    text: str = field(repr=False)
    why: str


@dataclass(frozen=True, slots=True)
class Found:
    """The different values that a rule found in a message (one, if all is well), and what it passed over."""

    values: tuple[str, ...] = field(repr=False)
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """What matches `pattern` as a whole and stands right behind one of `after`; spaces between do not count.

    `after` are words as the message has them, one for each language that it may be written in.
    """

    after: tuple[str, ...]
    pattern: str

    def find(self, message: Mail | Text, _origin: str) -> Found:
        """Look in every form of the message that a person may be shown."""
        values: list[str] = []
        rejected: list[Rejected] = []
        for text in _shown_texts(message):
            accepted = list(_behind(self.after, self.pattern).finditer(text))
            values.extend(found["_value_"] for found in accepted)
            passed_over = self._rejects(text, tuple(found.span("_value_") for found in accepted))
            rejected.extend(islice(passed_over, _REJECTED_AT_MOST))
        others = tuple(dict.fromkeys(one for one in rejected if one.text not in values))
        return Found(tuple(dict.fromkeys(values)), others)

    def _rejects(self, text: str, accepted: tuple[tuple[int, int], ...]) -> Iterable[Rejected]:
        for look in (_LOOKS_LIKE_A_CODE, re.compile(self.pattern)):
            for candidate in look.finditer(text):
                start, end = candidate.span()
                if start == end or any(start < other_end and other_start < end for other_start, other_end in accepted):
                    continue
                before = text[max(0, start - 2 * max(map(len, self.after)) - 80) : start]
                behind = bool(re.search(_words(self.after) + r"\s*\Z", before))
                yield Rejected(candidate[0], f"is not {self.pattern}" if behind else f"not after {self._behind_what}")

    @property
    def _behind_what(self) -> str:
        return " or ".join(words.strip() for words in self.after)

    @property
    def missing(self) -> str:
        """What to say when nothing was found."""
        return f"nothing behind “{self._behind_what}” is {self.pattern}"


@dataclass(frozen=True, slots=True)
class LinkTo:
    """A link whose whole address matches `pattern`, in which `{origin}` is the server's and `…` one URL-safe word."""

    pattern: str

    @property
    def needs_origin(self) -> bool:
        """Whether the pattern speaks of the server's origin."""
        return "{origin}" in self.pattern

    def find(self, message: Mail | Text, origin: str) -> Found:
        """Look at every link. Raises `ValueError` when the pattern needs an origin and there is none."""
        if self.needs_origin and not origin:
            raise ValueError(f"the link {self.pattern} cannot be told without the server's origin")
        wanted = link_pattern(self.pattern, origin)
        links = message.links if isinstance(message, Mail) else links_in(message.text)
        values = tuple(link for link in links if wanted.fullmatch(link))
        return Found(values, tuple(Rejected(link, f"is not {self.pattern}") for link in links if link not in values))

    @property
    def missing(self) -> str:
        """What to say when nothing was found."""
        return f"no link is {self.pattern}"


@dataclass(frozen=True, slots=True)
class PictureCalled:
    """The picture with this content id (RFC 2392)."""

    content_id: str


ValueRule: TypeAlias = Behind | LinkTo | PictureCalled


def _shown_texts(message: Mail | Text) -> tuple[str, ...]:
    if isinstance(message, Text):
        return (message.text,)
    return tuple(text for text in (message.text, message.html_text) if text)


def _words(after: tuple[str, ...]) -> str:
    return "(?:" + "|".join(r"\s+".join(re.escape(word) for word in words.split()) for words in after) + ")"


def check_pattern(pattern: str) -> None:
    """Raise `re.error` unless a pattern is an expression by itself and can stand behind words."""
    re.compile(pattern)
    _behind(("x",), pattern)


@lru_cache(maxsize=256)
def _behind(after: tuple[str, ...], pattern: str) -> re.Pattern[str]:
    return re.compile(rf"{_words(after)}\s*(?P<_value_>{pattern}){_ENDS_HERE}")


@lru_cache(maxsize=256)
def link_pattern(pattern: str, origin: str) -> re.Pattern[str]:
    """The expression that a link must match as a whole."""
    return re.compile(pattern.replace("{origin}", re.escape(origin)).replace("…", _REST_OF_A_LINK))
