"""``python -m auth_server rotate-key``: seal everything under the new master key, while the server serves."""

import argparse
import os
import sys
import time

from auth_server.broker import Broker
from auth_server.rotation import Rotated, rotate
from auth_server.settings import PREFIX, Settings, SettingsError

_BROKEN = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no arguments: both keys come from the environment, as the server's do."""
    parser.epilog = "Put the new key first and keep the old one beside it; the steps are in docs/keys.md."


def run(_arguments: argparse.Namespace) -> int:
    """Rotate and say what came of it; the exit code: 0, or 1 if something could not be opened under any key.

    Raises `SettingsError` and `UnusableDatabaseError`.
    """
    variables = {f"{PREFIX}ORIGIN": "http://localhost", **os.environ}
    settings = Settings.read(variables)
    if not settings.old_master_keys:
        raise SettingsError(f"{PREFIX}OLD_MASTER_KEYS is empty: there is nothing to replace; see docs/keys.md")
    broker = Broker.of(settings, time.time)
    try:
        broker.open()
        rotated = rotate(broker)
    finally:
        broker.database.close()
    sys.stdout.writelines(f"{line}\n" for line in _told(rotated))
    return _BROKEN if any(column.broken for column in rotated.columns) else 0


def _told(rotated: Rotated) -> list[str]:
    lines = [f"{column.column}: {column.values} sealed anew" for column in rotated.columns]
    lines += [
        f"{column.column}: {column.broken} cannot be opened under any key, and were left as they are"
        for column in rotated.columns
        if column.broken
    ]
    if rotated.passwords_waiting:
        lines.append(
            f"passwords: {rotated.passwords_waiting} move at their owners' next login; keep the old key for them"
        )
    else:
        lines.append("passwords: all under the new key; the old key can go a day from now")
    return lines
