"""Keeps the real network out of tests: only this machine can be reached."""

import ipaddress
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

_HERE = ("127.0.0.1", "::1", "localhost")
_SENDS: Mapping[str, int] = {"connect_ex": 0, "sendto": -1, "sendmsg": 3}
"""Methods of a socket beside `connect` that name another machine, and the place of the address."""
_LOOK_UPS = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr")


class Sockets(NamedTuple):
    """What Python connects with; plugins that block the network replace it."""

    socket: Any
    methods: Mapping[str, Any]
    look_ups: Mapping[str, Any]

    @classmethod
    def now(cls) -> "Sockets":
        """Return what is in place."""
        return cls(
            socket.socket,
            {name: getattr(socket.socket, name) for name in ("connect", *_SENDS)},
            {name: getattr(socket, name) for name in _LOOK_UPS},
        )

    @classmethod
    def unguarded(cls) -> "Sockets":
        """Return what is in place, without the sockets of pytest-socket that let nothing be opened."""
        import pytest_socket

        pytest_socket.enable_socket()
        return cls.now()

    def put_back(self) -> None:
        """Put it in place again."""
        import pytest_socket

        pytest_socket.enable_socket()
        # the class that has it, and only then whatever stands for the class
        for name, method in self.methods.items():
            setattr(socket.socket, name, method)
        socket.socket = self.socket  # type: ignore[misc]  # as pytest-socket does
        for name, look_up in self.look_ups.items():
            setattr(socket, name, look_up)


@contextmanager
def blocked_network() -> Iterator[None]:
    """Let no connection be made to other machines while the block lasts, in any thread.

    A connection to another machine, a datagram for it, and the look-up of its name raise
    `pytest_socket.SocketConnectBlockedError`. What another plugin has set before holds again afterwards.
    Programs that are started, and libraries that do not use Python's sockets, are not blocked.
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
    for name, place in _SENDS.items():
        setattr(socket.socket, name, _guarded_send(getattr(socket.socket, name), place))
    for name in _LOOK_UPS:
        setattr(socket, name, _guarded_look_up(getattr(socket, name), is_reverse=name == "gethostbyaddr"))


def _guarded_send(send: Callable[..., Any], place: int) -> Callable[..., Any]:
    def guarded(inst: socket.socket, *args: Any) -> Any:
        address = args[place] if len(args) > place else None
        # of a Unix socket it is text, and of a connected one there is none
        if isinstance(address, tuple) and isinstance(address[0], str | bytes):
            name = _text(address[0])
            if name not in _HERE:
                inst.close()  # as pytest-socket does: what catches OSError would leave it open
                raise _blocked(name)
        return send(inst, *args)

    return guarded


def _guarded_look_up(look_up: Callable[..., Any], *, is_reverse: bool) -> Callable[..., Any]:
    def guarded(host: Any, *args: Any, **more: Any) -> Any:
        name = None if host is None else _text(host)
        if name is None or name in _HERE or (_is_address(name) and not is_reverse):
            return look_up(host, *args, **more)
        raise _blocked(name)

    return guarded


def _text(name: str | bytes) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else name


def _blocked(name: str) -> Exception:
    import pytest_socket

    return pytest_socket.SocketConnectBlockedError(list(_HERE), name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
