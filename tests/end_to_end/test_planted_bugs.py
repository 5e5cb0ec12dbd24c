"""With a bug planted in the server, a scenario turns red.

That the same scenarios are green without it is proved with all others in `test_shipped_scenarios.py`; that every bug is
found at all, with the attack pack.
"""

from pathlib import Path

from tests.end_to_end.planted import red_cases


def test_a_server_whose_codes_live_for_ever_is_caught(tmp_path: Path) -> None:
    assert red_cases("late_code_valid", tmp_path) == {"RUL-027[at five minutes]"}


def test_a_server_that_skips_the_expiry_of_a_link_is_caught(tmp_path: Path) -> None:
    assert red_cases("expiry_not_checked", tmp_path) == {"RUL-006[at eight hours]", "RUL-006[a day later]"}


def test_a_server_that_takes_a_link_twice_is_caught(tmp_path: Path) -> None:
    assert red_cases("link_reuse", tmp_path) == {"RUL-007"}


def test_a_server_that_takes_a_code_of_the_token_twice_is_caught(tmp_path: Path) -> None:
    assert red_cases("otp_reuse", tmp_path) == {"RUL-029"}
