"""The pieces of a mail on the wire: parts, headers and alphabets (RFC 2045, 2047), read so that nothing is lost."""

import re
from collections.abc import Iterator, Sequence
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from email.utils import parseaddr
from typing import TypeAlias, cast

MimePart: TypeAlias = "Message[str, str]"
Trouble: TypeAlias = list[str]
"""What could not be read, in words; the functions here add to it instead of raising."""

_ENCODED_WORDS = re.compile(r"=\?[^?\s]+\?[bq]\?[^?]*\?=(?:\s*=\?[^?\s]+\?[bq]\?[^?]*\?=)*", re.IGNORECASE)
_DEFECT_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_PICTURE_MARKS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
"""How pictures begin: PNG (W3C), JPEG (ISO/IEC 10918-1)."""


def read_structure(raw: bytes, trouble: Trouble) -> tuple[MimePart, tuple[MimePart, ...]]:
    """The headers of a mail, and the parts in it that hold something, in order.

    Read under the policy `compat32`, and decoded here where it is needed: the policy `default` parses every header
    again at each look, takes about ten times as long, and raises on some broken headers.
    """
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        parts = tuple(_leaves(message))
    except RecursionError:
        trouble.append("nested too deeply to be read")
        message = BytesParser(policy=compat32).parsebytes(raw, headersonly=True)
        return message, ()
    for part in (message, *parts):
        trouble.extend(_words_of(defect) for defect in part.defects)
    return message, parts


def _leaves(part: MimePart) -> Iterator[MimePart]:
    """A mail inside the mail (a bounce's, say) is not opened: what it says was said to somebody else."""
    if not part.is_multipart():
        yield part
    elif part.get_content_maintype() == "multipart":
        for inner in cast("list[MimePart]", part.get_payload()):
            yield from _leaves(inner)


def decoded_headers(message: MimePart, trouble: Trouble) -> tuple[tuple[str, str], ...]:
    """All headers in order, unfolded, encoded words decoded."""
    return tuple((name, _decoded(_unfolded(value), trouble)) for name, value in message.raw_items())


def first_header(headers: Sequence[tuple[str, str]], name: str) -> str:
    """The first header of this name (small letters), or nothing."""
    return next((value.strip() for key, value in headers if key.lower() == name), "")


def sender_of(message: MimePart, trouble: Trouble) -> tuple[str, str]:
    """Name and address of the `From` field. The address is read before the name is decoded (RFC 2047, section 6.2)."""
    written = next((_unfolded(value) for name, value in message.raw_items() if name.lower() == "from"), "")
    name, address = parseaddr(written)
    if not address:
        trouble.append("no readable From")
    return _decoded(name, trouble), address


def body_of(parts: Sequence[MimePart], media: str, trouble: Trouble) -> str:
    """The text of the parts of one media type that are to be shown in line, lines ended by `\\n`."""
    shown = (part for part in parts if _media_of(part) == media and part.get_content_disposition() != "attachment")
    texts = (_decoded_bytes(_content(part, trouble), part.get_content_charset("us-ascii"), trouble) for part in shown)
    return "\n".join(text.replace("\r\n", "\n") for text in texts)


def pictures_of(parts: Sequence[MimePart], trouble: Trouble) -> dict[str, bytes]:
    """The PNG and JPEG files by content id or, without one, by file name or place (`picture-1`)."""
    pictures: dict[str, bytes] = {}
    for part in parts:
        if part.get_content_maintype() != "image":
            continue
        content = _content(part, trouble)
        written = next((_unfolded(value) for name, value in part.raw_items() if name.lower() == "content-id"), "")
        name = written.strip().strip("<>") or part.get_filename() or f"picture-{len(pictures) + 1}"
        if not media_type_of(content):
            trouble.append(f"the picture {name} is neither PNG nor JPEG")
        elif name in pictures:
            trouble.append(f"two pictures are called {name}")
        else:
            pictures[name] = content
    return pictures


def media_type_of(picture: bytes) -> str:
    """`image/png` or `image/jpeg` by how the bytes begin; empty for anything else."""
    return next((media for mark, media in _PICTURE_MARKS.items() if picture.startswith(mark)), "")


def _media_of(part: MimePart) -> str:
    """A part without parts that calls itself multipart is broken, and what is in it is shown as it is."""
    return "text/plain" if part.get_content_maintype() == "multipart" else part.get_content_type()


def _content(part: MimePart, trouble: Trouble) -> bytes:
    known = len(part.defects)
    content = part.get_payload(decode=True)
    trouble.extend(_words_of(defect) for defect in part.defects[known:])
    return content if isinstance(content, bytes) else b""


def _unfolded(value: object) -> str:
    """A header as text on one line. Bytes that are not ASCII are UTF-8 (RFC 6532) or, failing that, Latin-1."""
    octets = str(value).encode("utf-8", "surrogateescape")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        text = octets.decode("latin-1")
    return re.sub(r"[\r\n]+", "", text)


def _decoded(value: str, trouble: Trouble) -> str:
    return _ENCODED_WORDS.sub(lambda run: _decoded_run(run[0], trouble), value)


def _decoded_run(run: str, trouble: Trouble) -> str:
    """Encoded words that follow each other, joined before decoding: some senders cut characters in two."""
    try:
        pieces = decode_header(run)
    except HeaderParseError:
        trouble.append("an encoded word in a header cannot be decoded")
        return run
    return "".join(
        piece if isinstance(piece, str) else _decoded_bytes(piece, (charset or "us-ascii").partition("*")[0], trouble)
        for piece, charset in pieces
    )


def _decoded_bytes(octets: bytes, charset: str, trouble: Trouble) -> str:
    """Text in its alphabet, else in UTF-8, else with marks where it cannot be read."""
    try:
        return octets.decode(charset)
    except (LookupError, ValueError):
        pass
    trouble.append(f"not in its alphabet, {charset}")
    return octets.decode("utf-8", "replace")


def _words_of(defect: object) -> str:
    """`NoBoundaryInMultipartDefect` as people say it: no boundary in multipart."""
    return _DEFECT_WORDS.sub(" ", type(defect).__name__.removesuffix("Defect")).lower()
