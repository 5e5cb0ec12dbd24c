"""Where a message went, shown so that only who knows the address recognises it."""

from typing import Final

_DOTS: Final = "••••"


def masked_mail(address: str) -> str:
    """Mask the part before the ``@`` but for two characters, or one of a short one: ``ch••••@example.com``."""
    name, _, host = address.rpartition("@")
    return f"{name[: 2 if len(name) > 3 else 1]}{_DOTS}@{host}"


def masked_phone(number: str) -> str:
    """Mask a number that begins with ``+`` but for its country and its last four digits: ``+852 •••• 0101``."""
    digits = "".join(character for character in number if character.isdigit())
    country = number.partition(" ")[0] if " " in number else number[:4]
    return f"{country} {_DOTS} {digits[-4:]}"
