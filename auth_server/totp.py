"""Time-based one-time codes of the soft token: RFC 6238 over RFC 4226, with HMAC-SHA-256, 30 s and 6 digits."""

import hmac
from collections.abc import Iterable
from typing import Final

from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

PERIOD_SECONDS: Final = 30
DIGITS: Final = 6


def step_at(at: float) -> int:
    """Give the number of the step that the unix time `at` lies in (RFC 6238, 4.2, with T0 = 0)."""
    return int(at // PERIOD_SECONDS)


def code_of(
    seed: bytes,
    step: int,
    *,
    digits: int = DIGITS,
    algorithm: SHA1 | SHA256 | SHA512 = SHA256(),  # noqa: B008 - immutable
) -> str:
    """Work out the code of `seed` for the counter or time `step` (RFC 4226, 5.3)."""
    return HOTP(seed, digits, algorithm).generate(step).decode("ascii")


def matching_step(
    seed: bytes,
    code: str,
    steps: Iterable[int],
    *,
    algorithm: SHA1 | SHA256 | SHA512 = SHA256(),  # noqa: B008 - immutable
) -> int | None:
    """Find the first of `steps` whose code is `code`; all of them are worked out and compared, whichever it is."""
    found: int | None = None
    for step in steps:
        same = step >= 0 and hmac.compare_digest(code_of(seed, step, algorithm=algorithm).encode(), code.encode())
        if same and found is None:
            found = step
    return found
