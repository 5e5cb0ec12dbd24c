"""``python -m auth_server limits > docs/limits.md``: write down every limit, as the code has it."""

import argparse
import ast
import inspect
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from auth_server import limit_settings, passwords
from auth_server.bodies import LARGEST_BYTES, LARGEST_PHONE_API_BYTES
from auth_server.limit_settings import Limits
from auth_server.sessions import MOST_SESSIONS
from auth_server.settings import PREFIX

_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))

_PAGE: Final = """# Limits and lock-outs

Every limit of the auth server: what it limits, what is seen of it, and how it ends. Each is a setting. This page is
written by `python -m auth_server limits` from the settings themselves, and a test holds it to them.

{table}

Beside them: an account has at most {sessions} web sessions, the oldest makes room for a new one. A new password has
{shortest} to {longest} characters. A request is at most {phone_kib} KiB long on the phone API and {kib} KiB elsewhere.
A mail or text message that no gateway takes is given up after a day, or with the life of the code or link in it.

## Nobody can be locked out for good

Limits that count failures could be used to keep a customer out: whoever knows an account number can type wrong
passwords. These rules keep that from lasting.

- **Apart.** Wrong passwords, wrong codes by mail and text message, and wrong codes of the token are counted apart.
  Wrong passwords close the step of the password and nothing else; only who knows the password can get codes wrong.
- **The holder's own count.** The phone that holds the account's token is counted by itself once it has proved its
  device key: however many wrong passwords are typed elsewhere, its owner gets in.
- **By account, not by address.** There is one count for all spellings of an account number and all ways in, so no limit
  is doubled by another header, another spelling or another page.
- **An end to each.** Every window is over 24 hours after its first failure at the latest. Setting a new password with a
  mailed link forgets the wrong passwords at once, and the back office can unlock an account. What was sent stays
  counted: nobody's phone rings all night.
- **No oracle.** Limits are reached alike for accounts that exist and for those that do not. The audit trail has the
  true reason of each refusal.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One row of the table."""

    setting: str
    default: str
    what: str
    seen: str
    ends: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments."""
    parser.epilog = "The page goes to standard output."


def run(_arguments: argparse.Namespace) -> int:
    """Write the page; the exit code is 0."""
    sys.stdout.write(page())
    return 0


def page() -> str:
    """Write the page of all limits, in Markdown."""
    heads = ("setting", "default", "what it limits", "what is seen", "how it ends")
    rows = [heads, ("---",) * len(heads)]
    rows += [(f"`{limit.setting}`", limit.default, limit.what, limit.seen, limit.ends) for limit in limits()]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return _PAGE.format(
        table=table,
        sessions=MOST_SESSIONS,
        shortest=passwords.SHORTEST,
        longest=passwords.LONGEST,
        phone_kib=LARGEST_PHONE_API_BYTES // 1024,
        kib=LARGEST_BYTES // 1024,
    )


def limits() -> Iterator[Limit]:
    """Read the limits off the settings, with what their docstrings say."""
    for name, doc in _docstrings():
        default = Limits.model_fields[name].get_default()
        text = re.sub(
            r"`(\w+_(?:seconds|tries))`", lambda other: f"`{PREFIX}{other[1].upper()}`", " ".join(doc.split())
        )
        parts = re.fullmatch(r"(?P<what>.+?) Seen: (?P<seen>.+?)\. Ends: (?P<ends>.+)\.", text)
        if parts is None:
            raise ValueError(f"{name} does not say what is seen of it and how it ends")
        yield Limit(
            setting=PREFIX + name.upper(),
            default=duration(default) if name.endswith("_seconds") else str(default),
            what=parts["what"].removesuffix("."),
            seen=parts["seen"],
            ends=parts["ends"],
        )


def duration(seconds: int) -> str:
    """Write a time in the largest unit that it is a whole number of, up to days."""
    size, unit = next((size, unit) for size, unit in _UNITS if seconds % size == 0)
    return f"{seconds // size} {unit}"


def _docstrings() -> Iterator[tuple[str, str]]:
    """Give each field's name and docstring; Python keeps none of attributes, so they are read in the source."""
    module = ast.parse(inspect.getsource(limit_settings))
    body = next(node.body for node in module.body if isinstance(node, ast.ClassDef) and node.name == Limits.__name__)
    for field, after in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            doc = after.value if isinstance(after, ast.Expr) else None
            yield field.target.id, doc.value if isinstance(doc, ast.Constant) and isinstance(doc.value, str) else ""
