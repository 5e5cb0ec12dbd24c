"""Serve the gateways alone, for a server that is driven by hand or by another program."""

import argparse
import asyncio
import signal
import sys
import time

from fake_gateways.gateways import open_gateways
from fake_gateways.listening import DoorNotOpened


def main() -> int:
    """Open the doors that the command line names, print where they are, and keep them open until Ctrl-C."""
    command = argparse.ArgumentParser(prog="python -m fake_gateways", description=__doc__)
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument("--smtp-port", type=int, default=2525, help="0 takes any free port (default: %(default)s)")
    command.add_argument("--http-port", type=int, default=8025, help="0 takes any free port (default: %(default)s)")
    command.add_argument(
        "--name", action="append", default=[], help="a host name that the desk answers to, besides localhost"
    )
    options = command.parse_args()
    try:
        asyncio.run(_serve(options.host, options.smtp_port, options.http_port, options.name))
    except DoorNotOpened as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 4
    return 0


async def _serve(host: str, smtp_port: int, http_port: int, names: list[str]) -> None:
    ended = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, ended.set)
    async with open_gateways(
        now=time.time, host=host, smtp_port=smtp_port, http_port=http_port, desk_names=names
    ) as gateways:
        sys.stdout.write(
            f"mail   SMTP {gateways.smtp_host}:{gateways.smtp_port}\n"
            f"SMS    POST {gateways.sms_url}\n"
            f"inbox  {gateways.http_origin}/\n"
        )
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    sys.exit(main())
