"""``python -m auth_server staff``: who may log in to the back office. Nobody may until somebody is added here.

What it prints is shown once and kept nowhere: a password that was made, and the seed for the authenticator app.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from getpass import getpass

import segno
from sqlalchemy import Connection

from auth_server.back_office import staff
from auth_server.broker import Broker
from auth_server.languages import write_second
from auth_server.settings import PREFIX, Settings

_REFUSED = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what is to be done, and to whom."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="ACT")
    acts.add_parser("list", help="list the staff")
    for name, help in (
        ("add", "add a staff member, with a password that is asked for"),
        ("reset", "give a staff member another password and another seed, and end the sessions"),
        ("remove", "remove a staff member, and end the sessions"),
    ):
        act = acts.add_parser(name, help=help)
        act.add_argument("name", metavar="NAME", help="2 to 32 small letters, digits, dots, hyphens; a letter first")
        if name != "remove":
            act.add_argument("--make-password", action="store_true", help="make a password and print it, ask nothing")


def run(arguments: argparse.Namespace) -> int:
    """Do it; the exit code: 0, or 1 if it was refused.

    Raises `SettingsError` and `UnusableDatabaseError`.
    """
    with _broker() as broker:
        if arguments.act == "list":
            with broker.database.reading() as tx:
                for member in staff.everyone(tx):
                    last = "never" if member.last_login_at is None else write_second(member.last_login_at)
                    print_line(f"{member.name:<32} added {write_second(member.created_at)}   last login {last}")
            return 0
        name = staff.read_name(arguments.name)
        if name is None:
            return _refuse(f"{arguments.name!r} is not a name; take 2 to 32 of a-z, 0-9, . _ -, a letter first")
        if arguments.act == "remove":
            with broker.database.writing() as tx:
                removed = staff.remove(broker, tx, name)
            return _say(f"{name} was removed") if removed else _refuse(f"there is nobody called {name}")
        password = staff.make_password() if arguments.make_password else _ask_for_password(name)
        if password is None:
            return _REFUSED
        change = staff.add if arguments.act == "add" else staff.reset
        return _change(broker, change, name, password, is_made=arguments.make_password)


def print_line(text: str) -> None:
    """Write one line for the person at the terminal."""
    sys.stdout.write(f"{text}\n")


def _change(
    broker: Broker,
    change: Callable[[Broker, Connection, str, str], bytes | None],
    name: str,
    password: str,
    *,
    is_made: bool,
) -> int:
    password_hash = broker.passwords.hash_password(password)
    with broker.database.writing() as tx:
        seed = change(broker, tx, name, password_hash)
    if seed is None:
        return _refuse(f"{name} is there already" if change is staff.add else f"there is nobody called {name}")
    address = staff.authenticator_address(name, seed)
    if is_made:
        print_line(f"Password of {name}: {password}")
    print_line(f"Scan this with the authenticator app, or type its secret: it is not shown again.\n\n{address}\n")
    segno.make(address, error="m").terminal(sys.stdout, compact=True)
    return _say(f"\n{name} can log in at {broker.settings.origin}/back-office")


def _ask_for_password(name: str) -> str | None:
    password = getpass(f"Password for {name}: ")
    unfit = staff.why_unfit(name, password)
    if unfit is not None:
        _refuse(f"the password {unfit}; --make-password makes one")
        return None
    if getpass("Again: ") != password:
        _refuse("the two passwords differ")
        return None
    return password


def _say(text: str) -> int:
    print_line(text)
    return 0


def _refuse(text: str) -> int:
    sys.stderr.write(f"{text}\n")
    return _REFUSED


@contextmanager
def _broker() -> Generator[Broker]:
    variables = dict(os.environ)
    variables.setdefault(f"{PREFIX}ORIGIN", f"http://localhost:{variables.get(f'{PREFIX}PORT', '8000')}")
    broker = Broker.of(Settings.read(variables), time.time)
    broker.open()
    try:
        yield broker
    finally:
        broker.database.close()
