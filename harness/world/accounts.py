"""Opens an account for each customer that a scenario needs."""

from collections.abc import Mapping, Sequence

from harness.plan.chance import draw
from harness.plan.values import PlannedNeed
from harness.redaction import Redactor
from harness.targets.back_office import BackOffice
from harness.targets.customers import Customer, CustomerMaker

DEFAULT_PIN = "240719"


async def open_accounts(
    needs: Sequence[PlannedNeed], seed: str, back_office: BackOffice, redactor: Redactor
) -> Mapping[str, Customer]:
    """Open the accounts and give the customers by their aliases, their secrets known to the redactor.

    The same `seed` draws the same customers.
    """
    maker = CustomerMaker(seed)
    customers = dict[str, Customer]()
    for need in (need for need in needs if need.kind == "customer"):
        customer = maker.make(
            need.alias,
            password=_password(need, seed),
            pin=need.options.get("pin", DEFAULT_PIN),
            language=need.options.get("language", "zh-Hant"),
        )
        redactor.register(customer.pin, "pin")
        if customer.password:
            redactor.register(customer.password, "password")
        await back_office.create(customer)
        customers[need.alias] = customer
    return customers


def _password(need: PlannedNeed, seed: str) -> str:
    """`none` for an account without one, a password as written, or one drawn."""
    written = need.options.get("password")
    if written == "none":
        return ""
    return draw("password", need.alias, seed) if written in (None, "set") else written
