"""What a person reads in an HTML mail, and where its links lead."""

import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "template", "title"})
# fmt: off
_NEW_LINE = frozenset({
    "address", "article", "blockquote", "br", "div", "dl", "dt", "dd", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tr", "ul",
})
# fmt: on
_NEW_CELL = frozenset({"td", "th"})
_BOGUS_COMMENT = re.compile(r"<!\[[^>]*(?:>|\Z)")
"""`<![if mso]>` and the like: comments in HTML (13.2.5.42), on some of which the library's parser raises."""
_NOT_A_PLACE = re.compile(r"(?:mailto|tel|sms|cid|data|javascript|about):|#", re.IGNORECASE)
_ADDRESS_IN_TEXT = re.compile(r"\b[A-Za-z][A-Za-z0-9+.-]*://[!#-;=?-~]+")
_CLOSING_MARKS = ".,;:!?'*"
_BRACKETS = {")": "(", "]": "["}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[str] = []
        self._unseen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._unseen.append(tag)
        elif tag in _NEW_LINE:
            self.words.append("\n")
        elif tag in _NEW_CELL:
            self.words.append(" ")
        if tag in {"a", "area"}:
            place = (dict(attrs).get("href") or "").strip()
            if place and not _NOT_A_PLACE.match(place):
                self.links.append(place)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._unseen:
            del self._unseen[self._unseen.index(tag) :]
        elif tag in _NEW_LINE:
            self.words.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.words.append(re.sub(r"\s+", " ", data))


def read_html(html: str) -> tuple[str, tuple[str, ...]]:
    """The visible text, one line for each block, and the links in the order they stand, each once.

    Addresses of other kinds (`mailto:`, `tel:`, places within the page) are left out.
    """
    reader = _Reader()
    reader.feed(_BOGUS_COMMENT.sub("", html))
    reader.close()
    lines = (re.sub(r"[ \u00a0]+", " ", line).strip() for line in "".join(reader.words).split("\n"))
    return "\n".join(line for line in lines if line), tuple(dict.fromkeys(reader.links))


def links_in(text: str) -> tuple[str, ...]:
    """The addresses written out in a plain text, each once, without the punctuation that follows them.

    An address ends at the first character that RFC 3986 does not allow in one, as in `…/cas/login。`.
    """
    return tuple(dict.fromkeys(_without_closing_marks(found[0]) for found in _ADDRESS_IN_TEXT.finditer(text)))


def _without_closing_marks(address: str) -> str:
    while address[-1] in _CLOSING_MARKS or _closes_what_it_never_opened(address):
        address = address[:-1]
    return address


def _closes_what_it_never_opened(address: str) -> bool:
    opening = _BRACKETS.get(address[-1])
    return opening is not None and address.count(address[-1]) > address.count(opening)
