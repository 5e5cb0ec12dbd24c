"""The other way to treat a wrong token PIN: the phone itself notices, counts, and wipes the token after ten.

Without a guard a wrong PIN gives a plausible wrong code and the server counts, so that a thief who has the phone's
keys learns nothing. A guard must keep something to compare with, and its count must not be wound back: a real phone
keeps both in hardware (NIST SP 800-63B-4, 5.2.11), which this one only imitates.
"""

import hmac
from dataclasses import dataclass, field
from typing import Final

from simulator.securities.keys import DeviceKeys, fields
from simulator.securities.soft_token import SealedToken

TRIES: Final = 10
"""Wrong PINs in a row after which the token is wiped."""

_LABEL: Final = "twofold-pin-guard-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinGuard:
    """What is compared with, sealed under the device storage key, and how many tries are left."""

    verifier: bytes = field(repr=False)
    tries_left: int = TRIES


def guard(token: SealedToken, *, seed: bytes, keys: DeviceKeys) -> PinGuard:
    """A guard that knows the PIN with which `token` opens to `seed`."""
    return PinGuard(verifier=keys.seal(_verifier(token, seed), purpose=_purpose(token)))


def knows(pin_guard: PinGuard, token: SealedToken, *, seed: bytes, keys: DeviceKeys) -> bool:
    """Whether `seed` is what the right PIN opens.

    Raises `simulator.securities.keys.SealBroken` when the guard is another token's or was touched.
    """
    return hmac.compare_digest(keys.open(pin_guard.verifier, purpose=_purpose(token)), _verifier(token, seed))


def _verifier(token: SealedToken, seed: bytes) -> bytes:
    return hmac.digest(seed, _purpose(token), "sha256")


def _purpose(token: SealedToken) -> bytes:
    return fields(_LABEL, token.account, token.token_id, token.salt)
