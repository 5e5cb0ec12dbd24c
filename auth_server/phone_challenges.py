"""Challenges that a phone's keys sign: 32 random bytes, each good once, for one purpose and for who asked for it."""

import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, delete, insert

from auth_server.tables import phone_challenges

if TYPE_CHECKING:
    from auth_server.broker import Broker

_CHALLENGE_BYTES: Final = 32


class Purpose(StrEnum):
    """What a challenge is for; one for the one is nothing for the other. The value is that of docs/phone-api.md."""

    LOGIN = "login"
    EXPIRED_PASSWORD = "expired-password"  # noqa: S105 - words, not a password
    CLEAR_TOKEN = "clear-token"  # noqa: S105
    BIOMETRICS = "biometrics"
    BIOMETRICS_UNLOCK = "biometrics-unlock"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """What a key is to sign, once, before `expires_at` (whole unix seconds)."""

    challenge_id: str
    challenge: bytes
    expires_at: int

    @property
    def signed_fields(self) -> tuple[bytes, str]:
        """What of it stands in a signed message, but for that of a login, where the bytes stand alone."""
        return self.challenge, str(self.expires_at)


def new_challenge(broker: "Broker", purpose: Purpose = Purpose.LOGIN, *, bound_to: str = "") -> Challenge:
    """Make a challenge that `use_up` finds for the same `purpose` and `bound_to`; expired ones are forgotten."""
    at = broker.now()
    challenge = Challenge(
        challenge_id=secrets.token_urlsafe(16),
        challenge=secrets.token_bytes(_CHALLENGE_BYTES),
        expires_at=int(at + broker.settings.challenge_life_seconds),
    )
    with broker.database.writing() as tx:
        tx.execute(delete(phone_challenges).where(phone_challenges.c.expires_at <= at))
        tx.execute(
            insert(phone_challenges).values(
                challenge_id=challenge.challenge_id,
                challenge=challenge.challenge,
                purpose=purpose,
                bound_to=bound_to,
                expires_at=challenge.expires_at,
            )
        )
    return challenge


def use_up(
    tx: Connection, challenge_id: str, *, at: float, purpose: Purpose = Purpose.LOGIN, bound_to: str = ""
) -> Challenge | None:
    """Take the challenge away, whatever comes of it; None if it is unknown, used, late, or somebody else's."""
    found = tx.execute(
        delete(phone_challenges)
        .where(
            phone_challenges.c.challenge_id == challenge_id,
            phone_challenges.c.purpose == purpose,
            phone_challenges.c.bound_to == bound_to,
            phone_challenges.c.expires_at > at,
        )
        .returning(phone_challenges.c.challenge, phone_challenges.c.expires_at)
    ).one_or_none()
    if found is None:
        return None
    return Challenge(challenge_id=challenge_id, challenge=found.challenge, expires_at=int(found.expires_at))
