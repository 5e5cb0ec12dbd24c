"""The plain HTTP gateway: one request, one text message. Field names and the answer are settings."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from string import Template
from typing import cast

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from fake_gateways.inbox import Inbox
from fake_gateways.sms import Text, is_phone_number
from fake_gateways.sms_doors.request_fields import Fields, Unreadable, fields_of

BODY_LIMIT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericShape:
    """How a server speaks to its gateway.

    The names are those of JSON keys, form fields or query parameters. In `success_body` the words `$id` and `$to`
    stand for the message's id and number.
    """

    to_field: str = "to"
    sender_field: str = "from"
    text_field: str = "text"
    id_field: str = "id"
    success_status: int = 200
    success_type: str = "application/json"
    success_body: str = '{"status": "accepted", "id": "$id"}'

    def success(self, provider_id: str, recipient: str) -> Response:
        """The answer to a message that was taken."""
        escaped = {"id": provider_id, "to": recipient}
        if self.success_type == "application/json":
            escaped = {name: json.dumps(value)[1:-1] for name, value in escaped.items()}
        body = Template(self.success_body).safe_substitute(escaped)
        return Response(body, self.success_status, media_type=self.success_type)

    @property
    def expected(self) -> Mapping[str, object]:
        """What a client that was refused should have sent."""
        return {
            "request": "POST with JSON or a form, or GET with a query",
            "fields": {
                self.to_field: "a telephone number with its country code, such as +85255550101",
                self.text_field: "the words, not empty",
                self.sender_field: "the sender's name or number; may be left out",
                self.id_field: "your id for the message; sent again, it is recorded once; may be left out",
            },
        }


@dataclass(frozen=True, slots=True)
class _Wish:
    """What a readable request asks for."""

    recipient: str
    sender: str
    text: str = field(repr=False)
    provider_id: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """What came first under an id, and its number in the inbox."""

    wish: _Wish
    number: int


class GenericSmsDoor:
    """Puts what is sent to it into the inbox, readable or not; what is not readable is also refused, with a reason."""

    def __init__(self, inbox: Inbox, *, now: Callable[[], float], shape: GenericShape | None = None) -> None:
        self._inbox = inbox
        self._now = now
        self._shape = shape or GenericShape()
        self._seen: dict[str, _Seen] = {}

    async def answer(self, request: Request) -> Response:
        """Take one request: 2xx when the message is in the inbox, 4xx with what was expected when it cannot be sent."""
        body = bytearray()
        more = True
        while more:
            piece = await request.receive()
            if piece["type"] == "http.disconnect":
                return self._refuse(400, "the connection ended before the request was whole", bytes(body))
            body += piece.get("body", b"")
            more = piece.get("more_body", False)
            if len(body) > BODY_LIMIT_BYTES:
                return self._refuse(413, f"the body is larger than {BODY_LIMIT_BYTES} bytes", bytes(body))
        return self._take(request.scope["query_string"], request.headers.get("content-type", ""), bytes(body))

    def _take(self, query: bytes, content_type: str, body: bytes) -> Response:
        raw = body or query
        try:
            fields = fields_of(query, content_type, body)
            wish = self._wish(fields)
        except Unreadable as error:
            return self._refuse(400, str(error), raw)
        trouble = self._trouble_of(wish, fields)
        earlier = self._seen.get(wish.provider_id)
        if earlier is None:
            number = self._record(wish, raw, trouble)
        elif earlier.wish == wish:
            number = earlier.number
            self._inbox.add_note(number, "sent again with the same id; recorded once")
        else:
            why = f"the id {wish.provider_id} was used for another message, number {earlier.number}"
            self._record(wish, raw, why)
            return self._refusal(409, why)
        if trouble:
            return self._refusal(400, trouble)
        return self._shape.success(wish.provider_id or _id_of(number), wish.recipient)

    def _wish(self, fields: Fields) -> _Wish:
        return _Wish(
            recipient=_only(fields, self._shape.to_field),
            sender=_only(fields, self._shape.sender_field),
            text=_only(fields, self._shape.text_field),
            provider_id=_only(fields, self._shape.id_field),
        )

    def _trouble_of(self, wish: _Wish, fields: Fields) -> str:
        needed = {self._shape.to_field: wish.recipient, self._shape.text_field: wish.text}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            return f"{' and '.join(missing)} missing or empty; the request has {', '.join(fields) or 'no fields'}"
        if is_phone_number(wish.recipient):
            return ""
        hint = " (in a form or a query, + is written %2B)" if wish.recipient.startswith(" ") else ""
        return f"“{wish.recipient}” is not a telephone number{hint}"

    def _refuse(self, status: int, why: str, raw: bytes) -> Response:
        """Record what could not be read as it came, and say why."""
        self._record(_Wish(recipient="", sender="", text=raw.decode("utf-8", "replace"), provider_id=""), raw, why)
        return self._refusal(status, why)

    def _refusal(self, status: int, why: str) -> Response:
        return JSONResponse({"error": why, "expected": self._shape.expected}, status)

    def _record(self, wish: _Wish, raw: bytes, trouble: str) -> int:
        number = self._inbox.put(
            Text(
                sender=wish.sender,
                recipient=wish.recipient,
                text=wish.text,
                received_at=self._now(),
                provider_id=wish.provider_id or _id_of(self._inbox.bookmark + 1),
                raw=raw,
                trouble=trouble,
            )
        )
        if wish.provider_id:
            self._seen.setdefault(wish.provider_id, _Seen(wish, number))
        return number


def _id_of(number: int) -> str:
    """The id of a message whose sender gave it none."""
    return f"sms-{number}"


def _only(fields: Fields, name: str) -> str:
    """The one value of a field as text; empty if it is not there. Some clients send numbers, or lists of one."""
    values = fields.get(name, [])
    if len(values) == 1 and isinstance(values[0], list):
        values = cast("list[object]", values[0])
    match values:
        case [] | [None]:
            return ""
        case [str(text)]:
            return text
        case [int(number)] if not isinstance(number, bool):
            return str(number)
        case [_]:
            raise Unreadable(f"{name} is neither text nor a number")
        case _:
            raise Unreadable(f"{name} has {len(values)} values, and one is expected")
