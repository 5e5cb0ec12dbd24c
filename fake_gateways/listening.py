"""Opening a door: a listening socket in the running loop, or one clear sentence why not."""

import asyncio
import errno
import os
import socket
from collections.abc import Callable


class DoorNotOpened(Exception):
    """A gateway cannot listen where it was told to."""


class PortTaken(DoorNotOpened):
    """Another program listens on the port already."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        super().__init__(
            f"port {port} on {host} is taken by another program: end that one, or choose 0 for a free port"
        )
        self.port = port
        self.host = host


async def listen(protocol: Callable[[], asyncio.BaseProtocol], host: str, port: int) -> tuple[asyncio.Server, int]:
    """Listen on an address, port 0 being any free one. The server, and the port that it got.

    Raises `PortTaken`, or `DoorNotOpened` when the system refuses for another reason (a port below 1024, an address
    that is not this machine's).
    """
    try:
        server = await asyncio.get_running_loop().create_server(protocol, host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port, host) from error
        reason = error.strerror if isinstance(error, socket.gaierror) else os.strerror(error.errno or 0)
        raise DoorNotOpened(f"cannot listen on port {port} of {host}: {reason}") from error
    except OverflowError as error:
        raise DoorNotOpened(f"cannot listen on port {port}: ports are 0 to 65535") from error
    return server, server.sockets[0].getsockname()[1]


async def stop_listening(server: asyncio.Server) -> None:
    """Close a server, so that afterwards every connection it accepted has reached its protocol.

    `Server.close` loses a connection that is accepted in the same turn of the loop: its protocol never hears of it
    and its client hangs (https://github.com/python/cpython/issues/109564). Therefore accepting stops first, and the
    connections between door and room get the two turns that they need: one for the transport, one for
    `connection_made`.
    """
    for listener in server.sockets:
        asyncio.get_running_loop().remove_reader(listener.fileno())
    for _ in range(2):
        await asyncio.sleep(0)
    server.close()
