"""Keeps the real network out of tests: only this machine can be reached."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

_HERE = ("127.0.0.1", "::1", "localhost")


class Sockets(NamedTuple):
    """What Python connects with; plugins that block the network replace it."""

    socket: Any
    connect: Any
    getaddrinfo: Any

    @classmethod
    def now(cls) -> "Sockets":
        """Return what is in place."""
        return cls(socket.socket, socket.socket.connect, socket.getaddrinfo)

    def put_back(self) -> None:
        """Put it in place again."""
        import pytest_socket

        pytest_socket.enable_socket()
        # the class that has it, and only then whatever stands for the class
        socket.socket.connect = self.connect  # type: ignore[method-assign]  # as pytest-socket does
        socket.socket = self.socket  # type: ignore[misc]  # as pytest-socket does
        socket.getaddrinfo = self.getaddrinfo


@contextmanager
def blocked_network() -> Iterator[None]:
    """Let no connection be made to other machines while the block lasts, in any thread.

    A connection to another machine, and the look-up of its name, raise
    `pytest_socket.SocketConnectBlockedError`. What another plugin has set before holds again afterwards.
    """
    before = Sockets.now()
    block()
    try:
        yield
    finally:
        before.put_back()


def block() -> None:
    """Let no connection be made to other machines from now on."""
    import pytest_socket

    pytest_socket.enable_socket()
    pytest_socket.socket_allow_hosts(list(_HERE), allow_unix_socket=True)
    look_up = socket.getaddrinfo

    def getaddrinfo(host: Any, *args: Any, **more: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is None or name in _HERE or _is_address(name):
            return look_up(host, *args, **more)
        raise pytest_socket.SocketConnectBlockedError(list(_HERE), name)

    socket.getaddrinfo = getaddrinfo


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
