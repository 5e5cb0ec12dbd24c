"""What the JSON API's description says of a route's answers: the shape of a success, and each refusal by example."""

from collections.abc import Mapping
from typing import Final

from auth_server.back_office.refusals import MESSAGE, STATUS, RefusalCode

_HAPPENED: Final = {200: "As asked.", 201: "Created.", 202: "The mail is on its way.", 204: "Done."}

_HEADERS: Final = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}

# Besides its own refusals a route can answer these.
_ALWAYS: Final[tuple[RefusalCode, ...]] = ("wrong-key", "invalid-request")


def answers(
    success: Mapping[int, str | None], *refusals: RefusalCode, body: bool = False
) -> dict[int | str, dict[str, object]]:
    """Describe the answers of a route: the name of the shape by status, the refusals, and those of any `body`.

    The shapes themselves are described where the description is asked for: see `openapi`.
    """
    described: dict[int | str, dict[str, object]] = {}
    for status, shape in success.items():
        described[status] = {"description": _HAPPENED[status]}
        if shape is not None:
            described[status]["content"] = _json({"schema": {"$ref": f"#/components/schemas/{shape}"}})
    codes_by_status: dict[int, list[RefusalCode]] = {}
    for code in (*_ALWAYS, *refusals):
        codes_by_status.setdefault(STATUS[code], []).append(code)
    for status, codes in codes_by_status.items():
        described[status] = _refusal({code: (code, MESSAGE[code]) for code in codes})
    if body:
        described[400] = _refusal({"not-text": ("invalid-request", MESSAGE["invalid-request"])})
        described[413] = _refusal({"too-large": ("invalid-request", MESSAGE["invalid-request"])})
    described[500] = _refusal({"internal-error": ("internal-error", "系統發生錯誤，請稍後再試。")})
    described[503] = _refusal({"busy": ("busy", "系統繁忙，請稍後再試。")})
    for status, header in _HEADERS.items():
        if status in described:
            described[status]["headers"] = {header: {"required": True, "schema": {"type": "string"}}}
    return described


def _refusal(examples: Mapping[str, tuple[str, str]]) -> dict[str, object]:
    return {
        "description": ", ".join(dict.fromkeys(code for code, _ in examples.values())),
        "content": _json(
            {
                "schema": {"$ref": "#/components/schemas/RefusalShown"},
                "examples": {
                    name: {"value": {"error": {"code": code, "message": words}}}
                    for name, (code, words) in examples.items()
                },
            }
        ),
    }


def _json(content: Mapping[str, object]) -> dict[str, object]:
    return {"application/json": content}
