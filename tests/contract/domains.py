"""What belongs to a domain, and what of it is missing, in words that say what to do."""

import ast
import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spshipping import sandbox
from spshipping.catalogue import DOMAINS, Domain
from spshipping.facade import Api
from spshipping.operation import Operation
from tests.contract.facts import routes
from tests.drives import async_client_of
from tests.kit import ScriptedTransport, client_of
from tools.make_operations import TITLES
from tools.reference_pages import GROUPS

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "spshipping"


def declaring_modules(source: Path) -> Iterator[str]:
    """Yield every file under *source* that declares operations, as a module; the sandbox has its own."""
    for path in sorted(source.rglob("*.py")):
        module = ".".join(path.relative_to(source).with_suffix("").parts)
        if not module.startswith("sandbox") and _declares(path):
            yield module


def _declares(path: Path) -> bool:
    statements = ast.parse(path.read_text("utf-8")).body
    values = [one.value for one in statements if isinstance(one, ast.Assign | ast.AnnAssign)]
    functions = [value.func for value in values if isinstance(value, ast.Call)]
    names = {function.id for function in functions if isinstance(function, ast.Name)}
    return bool(names & {"Operation", "PagedOperation"})


def unlisted(source: Path = SOURCE) -> list[str]:
    """Say which files declare operations and are in no package of the catalogue."""
    known = {domain.package for domain in DOMAINS}
    return [
        f"spshipping.{module} declares operations: add a row for its package to DOMAINS in"
        " spshipping/catalogue.py"
        for module in declaring_modules(source)
        if not {module, module.rpartition(".")[0]} & known
    ]


def missing(domain: Domain) -> list[str]:
    """Say what a domain lacks, part by part."""
    try:
        module = importlib.import_module(f"spshipping.{domain.package}")
    except ModuleNotFoundError:
        return [f"there is no package spshipping.{domain.package}, which DOMAINS names"]
    found = {name: value for name, value in vars(module).items() if isinstance(value, Operation)}
    return [
        *_of_the_package(domain, module, found),
        *_of_the_clients(domain),
        *_of_the_surroundings(domain, found),
    ]


def _of_the_package(domain: Domain, module: Any, found: dict[str, Operation[Any]]) -> Iterator[str]:
    package = f"spshipping.{domain.package}"
    if not found:
        yield f"{package} exports no operation: import them in its __init__.py"
    facade = vars(module).get(domain.facade)
    if not (isinstance(facade, type) and issubclass(facade, Api)):
        yield f"{package} exports no facade {domain.facade}, a class made of spshipping.facade.Api"
    if hasattr(module, "__path__") and f"Async{domain.facade}" not in vars(module):
        yield f"{package} does not export Async{domain.facade}: run python tools/make_async.py and import it"
    for name, operation in found.items():
        if facade and not callable(getattr(facade, name.lower(), None)):
            yield f"{package}.{domain.facade} has no method {name.lower()}() for {name}"
        if str(operation.reference) != f"{package}.{name}":
            yield f"{package}.{name} is no constant of {package}, so that it cannot be pickled by reference"


def _of_the_clients(domain: Domain) -> Iterator[str]:
    clients = {
        domain.facade: client_of(ScriptedTransport()),
        f"Async{domain.facade}": async_client_of(ScriptedTransport()),
    }
    for expected, client in clients.items():
        facade: object = client
        for name in domain.path.split("."):
            if not hasattr(facade, name):
                yield f"{type(facade).__name__} has no property {name}: client.{domain.path} is {expected}"
                break
            facade = getattr(facade, name)
        else:
            if type(facade).__name__ != expected:
                yield f"client.{domain.path} is a {type(facade).__name__}, and not {expected}"


def _of_the_surroundings(domain: Domain, found: dict[str, Operation[Any]]) -> Iterator[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    top = domain.package.partition(".")[0]
    if not any(top in layer.split(" | ") for layer in layers):
        yield f"spshipping.{top} has no floor: add it to the layers in pyproject.toml"
    pages = (page for group in GROUPS.values() for page in group)
    if domain.package not in {part.module for page in pages for part in page.parts}:
        yield f"tools/reference_pages.py has no page for spshipping.{domain.package}"
    if domain.package not in TITLES:
        yield f"tools/make_operations.py has no title for the operations of spshipping.{domain.package}"
    for name, operation in found.items():
        if operation.route not in routes():
            yield f"{name}: tests/contract/spec has no {operation.route}: add its file to tools/make_spec.py"
        if operation.route not in _answered():
            yield f"{name}: the sandbox does not answer {operation.route}"


def _answered() -> set[str]:
    return set(sandbox.Sandbox()._api.routes.names)
