"""What a browser sends in an address or a form, read strictly (ASVS 5.0, 2.2.1 and 15.3.7)."""

import re
from typing import Final
from urllib.parse import parse_qsl

FORM_TYPE: Final = "application/x-www-form-urlencoded"

_MOST_FIELDS: Final = 64

# A password may be tried with any character: what is wrong with it, its own rules say.
_PASSWORDS: Final = frozenset({"password", "current_password", "new_password", "new_password_again"})
_CONTROL: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class MalformedFormError(ValueError):
    """It is not what a page of ours sends. The text is the reason for the audit trail."""


def read_fields(raw: bytes) -> dict[str, str]:
    """Read URL-encoded fields (WHATWG URL, 5.1): ASCII, percent-encoded UTF-8, each name once, no control characters.

    Raises `MalformedFormError`.
    """
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise MalformedFormError("encoding") from None
    except ValueError:
        raise MalformedFormError("too-many-fields") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise MalformedFormError("duplicate")
    if any(_CONTROL.search(name) or (_CONTROL.search(value) and name not in _PASSWORDS) for name, value in pairs):
        raise MalformedFormError("control-character")
    return fields
