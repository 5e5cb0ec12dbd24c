"""The customers that scenarios need: Hong Kong names and numbers, drawn from the run's seed, private to a world."""

from dataclasses import dataclass, field
from random import Random

from harness.targets.names import draw_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person who has an account: what scenarios may say of `$chan`.

    `account` is `9999-0000` to `9999-9999`; `phone` is E.164 with blanks; `password` is empty where none is set yet.
    """

    alias: str
    account: str
    name: str
    email: str
    phone: str
    password: str = field(default="", repr=False)
    pin: str = field(default="", repr=False)
    language: str = "zh-Hant"

    def __str__(self) -> str:
        return self.alias


class CustomerMaker:
    """Draws customers who differ from each other; the same seed draws the same ones."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)  # noqa: S311 - repeatable people, not secrets
        self._taken = set[int]()

    def make(self, alias: str, *, password: str, pin: str, language: str) -> Customer:
        """Draw one customer."""
        number, name = self._fresh_number(), draw_name(self._random)
        return Customer(
            alias=alias,
            account=f"9999-{number:04d}",
            name=name.english if language == "en" else name.chinese,
            email=f"{alias}.{number:04d}@example.com",
            phone=f"+852 5555 {number:04d}",
            password=password,
            pin=pin,
            language=language,
        )

    def _fresh_number(self) -> int:
        while (number := self._random.randrange(10_000)) in self._taken:
            pass
        self._taken.add(number)
        return number
