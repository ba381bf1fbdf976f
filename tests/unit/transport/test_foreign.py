"""An exception of the network's code, or of ours, is told from one that a signal handler raised inside it."""

from collections.abc import Callable

import attr
import pytest
import requests
import urllib3

from spshipping.transport.foreign import innermost_module, is_networks, root_cause
from tests.kit import raising


def caught(action: Callable[[], object]) -> BaseException:
    try:
        action()
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def raised_in(module: str, error: BaseException | None = None) -> BaseException:
    """Return an error that was raised in a module, by its innermost frame."""
    return caught(raising(error or ValueError("x"), module))


@pytest.mark.parametrize(
    "module",
    [
        "socket",
        "ssl",
        "http.client",
        "asyncio.streams",
        "urllib3.connection",
        "requests.adapters",
        "aiohttp.connector",
        "spshipping.wire.convert",
        "cattrs.converters",
        "gevent._socket3",
        "truststore._api",
        "vcr.stubs",
    ],
)
def test_what_is_raised_in_the_networks_code_or_in_ours_is_theirs(module: str) -> None:
    assert is_networks(raised_in(module), None)


@pytest.mark.parametrize("module", ["celery.app", "shop.jobs", "__main__", "tests.kit"])
def test_a2_what_a_signal_handler_raises_is_nobodys(module: str) -> None:
    for error in (TimeoutError("limit"), ValueError("x"), OSError(4, "x")):
        assert not is_networks(raised_in(module, error), None)


def test_an_error_of_the_networks_own_kinds_is_its_own_wherever_it_is_raised() -> None:
    for error in (requests.ConnectionError("x"), urllib3.exceptions.ProtocolError("x")):
        assert is_networks(raised_in("shop.tests", error), None)


def test_the_root_of_what_was_wrapped_decides() -> None:
    def wrap(inner: BaseException) -> BaseException:
        def action() -> None:
            try:
                raise inner
            except BaseException as error:
                raise requests.ConnectionError("wrapped") from error

        return caught(action)

    assert not is_networks(wrap(raised_in("shop.jobs", TimeoutError("limit"))), None)
    assert is_networks(wrap(raised_in("socket", TimeoutError("timed out"))), None)


def test_what_the_caller_was_handling_is_no_cause() -> None:
    def action() -> None:
        try:
            raise handled
        except KeyError:
            raising(TimeoutError("timed out"))()

    handled = KeyError("the caller's own")
    error = caught(action)
    assert error.__context__ is handled
    assert root_cause(error, handled) is error
    assert is_networks(error, handled)
    assert root_cause(error, None) is handled


def test_a_circle_of_causes_has_an_end() -> None:
    one, other = ValueError("one"), KeyError("other")
    one.__cause__, other.__context__ = other, one
    assert root_cause(one, None) is other
    assert root_cause(other, None) is one


def test_an_error_that_was_never_raised_is_nobodys() -> None:
    assert innermost_module(ValueError("x")) is None
    assert not is_networks(ValueError("x"), None)


def test_packages_of_a_callers_own_adapter_count_as_the_network() -> None:
    error = raised_in("shop.adapters", ValueError("x"))
    assert not is_networks(error, None)
    assert is_networks(error, None, frozenset({"shop"}))


def test_a1_code_that_was_made_at_run_time_is_its_callers() -> None:
    @attr.s(auto_attribs=True)
    class Label:
        data: str = attr.ib(converter=raising(MemoryError("full"), ""))  # type: ignore[misc]

    assert innermost_module(caught(lambda: Label("x"))) == __name__
    names: dict[str, object] = {}
    exec("def fail():\n    raise MemoryError", names)
    made = names["fail"]
    assert callable(made)
    assert innermost_module(caught(made)) == __name__
