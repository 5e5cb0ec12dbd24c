"""The phone's biometrics: which fingers and faces are enrolled, and the sensor that compares with them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

TRIES: Final = 5
"""No-matches in a row after which the sensor is locked (NIST SP 800-63B-4, 5.2.3)."""

LOCK_SECONDS: Final = 30.0
PASSCODE: Final = "0000"
"""What unlocks this phone, and its sensor. It protects nothing here: the phone lies in its owner's hand."""

ENROLLED_AT_MOST: Final = 5
_SET_ID_BYTES: Final = 32


class BiometricKind(StrEnum):
    """What the sensor can compare."""

    FINGERPRINT = "fingerprint"
    FACE = "face"


class SensorResult(StrEnum):
    """What comes of showing a finger or a face to the sensor."""

    MATCH = "match"
    NO_MATCH = "no-match"
    CANCELLED = "cancelled"
    """Its owner thought better of it. That is no failure."""
    LOCKED_OUT = "locked-out"
    """Too many failures: nothing is compared for 30 seconds, or until the passcode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Biometric:
    """One finger or face. `number` is never given again on this phone."""

    number: int
    kind: BiometricKind


@dataclass(frozen=True, slots=True, kw_only=True)
class BiometricRecords:
    """What the phone keeps of it. `set_id` is drawn anew at each change of `enrolled`, so that no set ever returns."""

    enrolled: tuple[Biometric, ...] = ()
    set_id: bytes = b""
    last_number: int = 0
    failures: int = 0
    locked_until: float = 0.0


class Biometrics:
    """The sensor and the set it compares with.

    Args:
        records: Gives what is kept.
        keep: Keeps it; may raise the errors of `simulator.storage`.
        now: The time in seconds since 1970. Not the clock that the phone's owner sets: setting it ends no lock.
    """

    def __init__(
        self,
        records: Callable[[], BiometricRecords],
        keep: Callable[[BiometricRecords], None],
        now: Callable[[], float],
    ) -> None:
        self._records = records
        self._keep = keep
        self._now = now
        self.next_result = SensorResult.MATCH
        """What the sensor will say while it is not locked: this phone has no finger of its own. A restart forgets it.

        `LOCKED_OUT` locks it with the next scan, as if an app had used up the tries."""

    @property
    def enrolled(self) -> tuple[Biometric, ...]:
        """The fingers and faces, in the order in which they were added."""
        return self._records().enrolled

    @property
    def set_id(self) -> bytes | None:
        """32 opaque bytes that change whenever the set does and never return; None while nothing is enrolled."""
        return self._records().set_id if self.enrolled else None

    def add(self, kind: BiometricKind) -> Biometric:
        """Enrol another finger or face. Raises `ValueError` when five are."""
        records = self._records()
        if len(records.enrolled) >= ENROLLED_AT_MOST:
            raise ValueError(f"this phone takes {ENROLLED_AT_MOST} fingers and faces")
        new = Biometric(number=records.last_number + 1, kind=kind)
        self._keep(_changed(replace(records, last_number=new.number), (*records.enrolled, new)))
        return new

    def remove(self, biometric: Biometric) -> None:
        """Remove one; nothing happens when it is not enrolled."""
        records = self._records()
        left = tuple(one for one in records.enrolled if one != biometric)
        if left != records.enrolled:
            self._keep(_changed(records, left))

    @property
    def locked_seconds(self) -> float:
        """How long the sensor stays locked; 0 when it is not."""
        return max(self._records().locked_until - self._now(), 0.0)

    def scan(self) -> SensorResult:
        """Show a finger or face to the sensor. Raises `ValueError` when nothing is enrolled to compare with.

        A no-match is written down before it is told. The fifth in a row locks the sensor for 30 seconds, and so does
        each one after it, until a match or the passcode.
        """
        if not self.enrolled:
            raise ValueError("nothing is enrolled on this phone")
        if self.locked_seconds:
            return SensorResult.LOCKED_OUT
        records = self._records()
        match self.next_result:
            case SensorResult.CANCELLED:
                return SensorResult.CANCELLED
            case SensorResult.MATCH:
                self._keep(replace(records, failures=0, locked_until=0.0))
                return SensorResult.MATCH
            case SensorResult.NO_MATCH:
                failures = records.failures + 1
            case SensorResult.LOCKED_OUT:
                failures = max(records.failures, TRIES)
        locks = failures >= TRIES
        self._keep(replace(records, failures=failures, locked_until=self._now() + LOCK_SECONDS if locks else 0.0))
        return SensorResult.LOCKED_OUT if locks else SensorResult.NO_MATCH

    def unlock(self, passcode: str) -> bool:
        """Unlock the sensor with the phone's passcode. False when that is not it."""
        if passcode != PASSCODE:
            return False
        self._keep(replace(self._records(), failures=0, locked_until=0.0))
        return True


def _changed(records: BiometricRecords, enrolled: tuple[Biometric, ...]) -> BiometricRecords:
    return replace(records, enrolled=enrolled, set_id=secrets.token_bytes(_SET_ID_BYTES))
