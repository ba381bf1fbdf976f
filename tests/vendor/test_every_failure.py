"""No failure of the sandbox comes without advice, and none of them is untested."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import spshipping.sandbox.vendor
from spshipping.vendor.acknowledge.guess import errors_of
from tests.vendor import test_failures

SOURCES = ("acknowledgements", "confirmations", "pickups")
TESTED = Path(test_failures.__file__).read_text()


def texts(name: str) -> Iterator[str]:
    """Yield the messages of the failures that a module of the sandbox gives."""
    (folder,) = spshipping.sandbox.vendor.__path__
    for node in ast.walk(ast.parse(Path(folder, f"{name}.py").read_text())):
        found: ast.expr | None = None
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Fault":
            found = node.args[1]
        elif isinstance(node, ast.Yield | ast.Assign):
            found = node.value
        if isinstance(found, ast.Constant) and isinstance(found.value, str):
            yield found.value


def messages() -> list[str]:
    return sorted({text for name in SOURCES for text in texts(name)})


def test_the_failures_are_found() -> None:
    assert len(messages()) > 20
    assert {"Excess quantity.", "The net cost is missing.", "Invalid order ID."} <= set(messages())


@pytest.mark.parametrize("message", messages())
def test_each_failure_comes_with_advice_and_is_tested_as_an_outcome(message: str) -> None:
    (error,) = errors_of([("InvalidInput", message, None)], ())
    assert error.message == message
    assert error.advice
    assert message in TESTED
