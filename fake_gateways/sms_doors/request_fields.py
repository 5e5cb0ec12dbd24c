"""What an HTTP request says in its query, a form or JSON, as named fields."""

import json
from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import HTTP
from typing import TypeAlias, cast
from urllib.parse import parse_qsl

Fields: TypeAlias = dict[str, list[object]]
"""All values that a request gives for a name, in order. JSON keeps its types; elsewhere everything is text."""


class Unreadable(Exception):
    """The request is not what its type says. The text says what is wrong with it."""


def fields_of(query: bytes, content_type: str, body: bytes) -> Fields:
    """The fields of a request: those of the body, and of the query those that the body does not give.

    Without a type that is known, a body that begins with `{` is read as JSON and any other as a form. Raises
    `Unreadable`.
    """
    fields = _collected(_form_pairs(query))
    if body:
        fields.update(_collected(_pairs(content_type, body)))
    return fields


def _pairs(content_type: str, body: bytes) -> Iterable[tuple[str, object]]:
    media = content_type.partition(";")[0].strip().lower()
    if media == "multipart/form-data":
        return _multipart_pairs(content_type, body)
    if media == "application/x-www-form-urlencoded":
        return _form_pairs(body)
    if media == "application/json" or media.endswith("+json") or body.lstrip().startswith(b"{"):
        return _json_pairs(body)
    return _form_pairs(body)


def _json_pairs(body: bytes) -> Iterable[tuple[str, object]]:
    try:
        pairs: object = json.loads(body.decode("utf-8"), object_pairs_hook=tuple)
    except UnicodeDecodeError as error:
        raise Unreadable("the body is not UTF-8") from error
    except json.JSONDecodeError as error:
        raise Unreadable(f"the body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise Unreadable("the body is JSON, but nested or numbered beyond reading") from error
    if not isinstance(pairs, tuple):
        raise Unreadable("the body is JSON, but not an object")
    return cast("tuple[tuple[str, object], ...]", pairs)


def _form_pairs(form: bytes) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(form.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Unreadable("the form is not percent-encoded UTF-8") from error


def _multipart_pairs(content_type: str, body: bytes) -> Iterable[tuple[str, str]]:
    message = BytesParser(policy=HTTP).parsebytes(
        b"Content-Type: %s\r\n\r\n%s" % (content_type.encode("latin-1"), body)
    )
    if message.defects or not message.is_multipart():
        raise Unreadable("the multipart form is broken")
    pairs: list[tuple[str, str]] = []
    for part in message.iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise Unreadable("a part of the multipart form has no name")
        try:
            pairs.append((name, content.decode("utf-8")))
        except UnicodeDecodeError as error:
            raise Unreadable(f"the part {name} of the multipart form is not UTF-8") from error
    return pairs


def _collected(pairs: Iterable[tuple[str, object]]) -> Fields:
    fields: Fields = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields
