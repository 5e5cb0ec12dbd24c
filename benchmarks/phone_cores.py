"""How much 200 phones without a view take in one process: prints the megabytes of each beyond the first."""

import tempfile
from contextlib import ExitStack
from pathlib import Path

from benchmarks.memory import resident_bytes
from simulator.phone import Phone
from simulator.securities.app import SecuritiesApp
from simulator.securities.http_api import HttpBrokerApi
from simulator.storage import Storage

PHONES = 200


def main() -> None:
    """Open one phone, then the others beside it, and print how much the process has grown for each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))

        def switch_on(number: int) -> SecuritiesApp:
            storage = stack.enter_context(Storage(folder / str(number), durable=False))
            app = SecuritiesApp(Phone(storage, now=lambda: 0.0), HttpBrokerApi("http://localhost:9"))
            _ = app.progress
            return app

        phones = [switch_on(0)]
        before = resident_bytes()
        phones += [switch_on(number) for number in range(1, PHONES)]
        print((resident_bytes() - before) / 1e6 / (PHONES - 1))


if __name__ == "__main__":
    main()
