"""Servers over http and https, and both clients."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.recorders.stage import Origin, OverAiohttp, OverRequests, Stage


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> str:
    """The file of the authority that vouches for the server over https."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(params=["http", "https"])
def origin(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[Origin]:
    tls = None
    if request.param == "https":
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("localhost").configure_cert(tls)
    made = Origin(tls)
    yield made
    made.end()


@pytest.fixture(params=[OverRequests, OverAiohttp], ids=["threads", "asyncio"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    made: Stage = request.param()
    yield made
    made.close()
