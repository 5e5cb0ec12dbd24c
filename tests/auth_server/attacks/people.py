"""The customers of an attacked server: one who is attacked, one who attacks, and nobody."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A customer of the server."""

    account: str
    password: str
    name: str
    email: str
    phone: str


VICTIM = Person(
    account="9999-9990", password="Tseung7Kwan", name="陳大文", email="chan@example.com", phone="+852 5555 0101"
)
MALLORY = Person(
    account="8888-8880", password="Yuen6Long9", name="Mallory", email="mallory@example.com", phone="+852 5555 0177"
)
STRANGER = "7777-7770"
"""An account number that nobody has."""
