"""The whole pack: every attack, by the headings of the list."""

from tests.auth_server.attacks import (
    biometrics,
    enrolment,
    guessing,
    one_time_codes,
    order_of_steps,
    password_reset,
    tokens,
)
from tests.auth_server.attacks.trial import ATTACKS

MODULES = (one_time_codes, guessing, order_of_steps, password_reset, enrolment, biometrics, tokens)
"""Where attacks are; each enters its own into `ATTACKS` when it is imported."""

__all__ = ["ATTACKS", "MODULES"]
