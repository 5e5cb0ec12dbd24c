"""The soft token: a seed sealed twice, and the codes that it gives.

`box = AES-256-GCM(device storage key, seed XOR Argon2id(PIN, salt))`. The outer layer binds it to this phone and shows
any touch. The inner one has no check value: a wrong PIN opens it just as well, to another seed, whose codes look like
any others. So a thief with the phone's keys cannot try PINs without the server, which counts.

Python cannot wipe text and bytes from memory; PINs and seeds therefore live in local variables only, for one call.
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final, Literal

from argon2.low_level import Type, hash_secret_raw
from pyotp.hotp import HOTP

from simulator.securities.keys import DeviceKeys, fields
from simulator.securities.states import TokenCode

SEED_BYTES: Final = 32
STEP_SECONDS: Final = 30
DIGITS: Final = 6

_SALT_BYTES: Final = 16
_LABEL: Final = "twofold-soft-token-v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedToken:
    """A token as it lies in the phone's storage."""

    account: str
    token_id: str
    salt: bytes = field(repr=False)
    """For Argon2id: 16 bytes, new for each sealing."""
    box: bytes = field(repr=False)


def seal(seed: bytes, *, pin: str, account: str, token_id: str, keys: DeviceKeys) -> SealedToken:
    """Seal a seed (32 bytes) under PIN and device storage key. Takes about 0.1 s and 46 MiB: call it in a thread."""
    salt = secrets.token_bytes(_SALT_BYTES)
    inner = _masked(seed, pin, salt)
    return SealedToken(
        account=account, token_id=token_id, salt=salt, box=keys.seal(inner, purpose=_purpose(account, token_id, salt))
    )


def unseal(token: SealedToken, *, pin: str, keys: DeviceKeys) -> bytes:
    """The seed, if the PIN is right; else 32 other bytes. As slow as `seal`.

    Raises `simulator.securities.keys.SealBroken` when the token is damaged or another phone's.
    """
    return _masked(_open_outer(token, keys), pin, token.salt)


def check_seal(token: SealedToken, *, keys: DeviceKeys) -> None:
    """Open the outer layer only, without a PIN: raises `SealBroken` when the token is damaged or another phone's."""
    _open_outer(token, keys)


def code_at(seed: bytes, unix_time: float) -> TokenCode:
    """The code of that moment: TOTP (RFC 6238) with HMAC-SHA-256, 30 s, 6 digits, counted from 1970."""
    step = int(unix_time // STEP_SECONDS)
    return TokenCode(
        code=one_time_password(seed, step),
        step=step,
        valid_from=float(step * STEP_SECONDS),
        valid_until=float((step + 1) * STEP_SECONDS),
    )


def one_time_password(
    secret: bytes, counter: int, *, digits: int = DIGITS, digest: Literal["sha1", "sha256", "sha512"] = "sha256"
) -> str:
    """HOTP (RFC 4226) of a secret and a counter; with the number of a time step as counter it is TOTP (RFC 6238)."""
    generator = HOTP(base64.b32encode(secret).decode(), digits=digits, digest=getattr(hashlib, digest))
    return generator.at(counter)


def _open_outer(token: SealedToken, keys: DeviceKeys) -> bytes:
    return keys.open(token.box, purpose=_purpose(token.account, token.token_id, token.salt))


def _purpose(account: str, token_id: str, salt: bytes) -> bytes:
    return fields(_LABEL, account, token_id, salt)


def _masked(data: bytes, pin: str, salt: bytes) -> bytes:
    """`data` XOR Argon2id(PIN, salt) (RFC 9106): its own inverse."""
    mask = hash_secret_raw(
        pin.encode(), salt, time_cost=1, memory_cost=47104, parallelism=1, hash_len=SEED_BYTES, type=Type.ID
    )
    return bytes(one ^ other for one, other in zip(data, mask, strict=True))
