"""``python -m auth_server``: serve the broker's auth server, or look after it; settings come from the environment."""

import argparse
import sys
from importlib import import_module
from typing import Final

from auth_server.database import UnusableDatabaseError
from auth_server.settings import SettingsError

# The module of a command is loaded when it is asked for: telling the limits needs no web server.
_COMMANDS: Final = {
    "serve": ("auth_server.commands.serve", "serve until Ctrl-C (the default)"),
    "staff": ("auth_server.commands.staff", "add, list, reset and remove those who may log in to the back office"),
    "rotate-key": ("auth_server.commands.rotate_key", "seal everything under the new master key, while serving"),
    "limits": ("auth_server.commands.limits", "write docs/limits.md: every limit and lock-out, and how it ends"),
}

_WRONG_SETTING: Final = 2


def main() -> int:
    """Do what the command line says; the exit code: 0, or 2 for a wrong setting or database, or the command's own."""
    named = next((word for word in sys.argv[1:] if not word.startswith("-")), "serve")
    parser = argparse.ArgumentParser(prog="python -m auth_server", description=__doc__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (module, help) in _COMMANDS.items():
        command = commands.add_parser(name, help=help, description=help)
        if name == named:
            import_module(module).add_arguments(command)
    arguments = parser.parse_args()
    try:
        return import_module(_COMMANDS[named][0]).run(arguments)
    except (SettingsError, UnusableDatabaseError) as error:
        sys.stderr.write(f"{error}\n")
        return _WRONG_SETTING


if __name__ == "__main__":
    sys.exit(main())
