"""The pytest plugin: fixtures, a marker and options. It imports nothing until one of them is used."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from spshipping.async_client import AsyncClient
    from spshipping.client import Client
    from spshipping.sandbox import Sandbox
    from spshipping.sandbox.clock import SandboxClock
    from spshipping.testing.faults import NamedFaults
    from spshipping.testing.kit import SandboxOptions, Servers
    from spshipping.testing.network import Sockets
    from spshipping.testing.record import Recording
    from spshipping.testing.replay import Replay

_BEFORE: "pytest.StashKey[Sockets]" = pytest.StashKey()
_NAMES = frozenset(
    {"sp_sandbox", "sp_client", "sp_async_client", "sp_faults", "sp_clock", "sp_replay", "sp_network"}
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options of the configuration file."""
    parser.addini(
        "sp_block_network",
        "let no test connect to other machines; otherwise only tests that use an sp_ fixture cannot",
        type="bool",
        default=False,
    )
    parser.addoption(
        "--sp-record",
        metavar="FOLDER",
        help="run the tests that use sp_record, against Amazon, and write scrubbed fixtures into the folder",
    )
    parser.addini("sp_fixtures", "the folder of what sp_replay() plays", default="tests/fixtures")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers",
        "sp_sandbox(seed=0, frozen_at=..., orders=30, ...): the options of the sandbox that the test gets",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Block the network first, before any other fixture of the test is set up."""
    names: list[str] | None = getattr(item, "fixturenames", None)
    if names is None or "sp_record" in names:  # which goes to Amazon
        return
    if not _NAMES.isdisjoint(names) or item.config.getini("sp_block_network"):
        from spshipping.testing.network import Sockets

        # what holds around this test; pytest-socket sets what holds in it after this
        item.stash[_BEFORE] = Sockets.now()
        names.insert(0, "sp_network")


@pytest.fixture
def sp_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let the test connect to this machine alone."""
    from spshipping.testing.network import Sockets, block

    # a test that asks for it by `getfixturevalue` has none
    before = request.node.stash.get(_BEFORE, None) or Sockets.unguarded()
    block()
    yield
    # pytest-socket has lifted whatever it had set for the test; what others have set for more than it stays
    before.put_back()


@pytest.fixture(scope="session")
def sp_servers() -> "Iterator[Servers]":
    """Run the sandboxes of this process, which is one worker's under pytest-xdist."""
    from spshipping.testing.kit import Servers

    servers = Servers()
    yield servers
    servers.close()


def _options(request: pytest.FixtureRequest) -> "SandboxOptions":
    marker = request.node.get_closest_marker("sp_sandbox")
    if marker and marker.args:
        raise TypeError("the options of sp_sandbox are given by name, as in sp_sandbox(seed=1)")
    options: Any = marker.kwargs if marker else {}
    return options  # type: ignore[no-any-return]  # a wrong name is an error of `Sandbox`


@pytest.fixture
def sp_sandbox(request: pytest.FixtureRequest, sp_network: None, sp_servers: "Servers") -> "Sandbox":  # noqa: ARG001 - first
    """A local SP-API in the state of its start; `@pytest.mark.sp_sandbox(seed=1)` gives it options."""
    return sp_servers.fresh(_options(request))


@pytest.fixture
def sp_client(sp_sandbox: "Sandbox") -> "Iterator[Client]":
    """A `Client` that is signed in to the sandbox."""
    with sp_sandbox.client() as client:
        yield client


@pytest.fixture
def sp_async_client(sp_sandbox: "Sandbox") -> "Iterator[AsyncClient]":
    """An `AsyncClient` for the sandbox, for tests with pytest-asyncio, anyio, or a loop of their own."""
    import asyncio

    from spshipping.testing.connections import ClosingTransport

    client = sp_sandbox.async_client(transport=ClosingTransport(sp_sandbox.clock))
    yield client
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(client.close())
    finally:
        loop.close()


@pytest.fixture
def sp_faults(request: pytest.FixtureRequest, sp_sandbox: "Sandbox") -> "NamedFaults":
    """Adds faults by name, with the seed of the sandbox: `sp_faults("drop_after", "purchaseShipment")`."""
    from spshipping.testing.faults import NamedFaults

    return NamedFaults(sp_sandbox, _options(request).get("seed", 0))


@pytest.fixture
def sp_clock(sp_sandbox: "Sandbox") -> "SandboxClock":
    """The time of the sandbox and of its clients: `sp_clock.advance(3600)`."""
    return sp_sandbox.clock


@pytest.fixture
def sp_replay(request: pytest.FixtureRequest, sp_network: None) -> "Iterator[Callable[..., Replay]]":  # noqa: ARG001 - first
    """Plays fixtures: `sp_replay("rates")` gives a `Replay` of a folder, which is checked when the test ends.

    A path is looked for beside the test's file, then in the folder `sp_fixtures` of the configuration.
    """
    from spshipping.testing.replay import Replay

    made: list[Replay] = []

    def play(*paths: str | Path, **options: Any) -> Replay:
        replay = Replay(*(_found(request, path) for path in paths or ("",)), **options)
        made.append(replay)
        return replay

    yield play
    for replay in made:
        replay.check()


@pytest.fixture
def sp_record(request: pytest.FixtureRequest) -> "Iterator[Recording]":
    """Writes what the test exchanges with Amazon as scrubbed fixtures, into the folder of `--sp-record`.

    The test runs for real: what it buys is paid for. Without the option, it is skipped.
    """
    folder: str | None = request.config.getoption("--sp-record")
    if folder is None:
        pytest.skip("it goes to Amazon: run it with --sp-record=FOLDER")
    from spshipping.testing.record import recording

    with recording(request.config.rootpath / folder) as made:
        yield made


def _found(request: pytest.FixtureRequest, path: str | Path) -> Path:
    beside = request.path.parent / path
    if str(path) and beside.exists():
        return beside
    folder: str = request.config.getini("sp_fixtures")
    return request.config.rootpath / folder / path
