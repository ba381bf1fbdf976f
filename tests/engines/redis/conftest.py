"""A Redis of one's own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.engines.redis.servers import Server

MakeServer = Callable[..., Server]


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with Server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def server(shared_server: Server) -> Server:
    """Return a server with nothing in it, which is not to be stopped."""
    with shared_server.client() as client:
        client.flushall()
        client.script_flush()
    return shared_server


@pytest.fixture
def raw(server: Server) -> Iterator[Any]:
    """Return a plain client of that server."""
    with server.client() as client:
        yield client


@pytest.fixture
def make_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeServer]:
    """Make servers that a test may stop."""
    with ExitStack() as stack:

        def make(*options: str, folder: Path | None = None, **more: Any) -> Server:
            where = folder or tmp_path_factory.mktemp("redis")
            return stack.enter_context(Server(where, *options, **more))

        yield make
