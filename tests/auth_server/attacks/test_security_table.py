"""The page about security says what the attack pack does."""

from scripts.security_table import PAGE, with_table


def test_the_table_of_attacks_is_that_of_the_pack() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "write it anew with: python -m scripts.security_table"


def test_another_table_would_be_noticed() -> None:
    page = PAGE.read_text(encoding="utf-8").replace("`otp_reuse`", "`otp_use`")
    assert with_table(page) != page
