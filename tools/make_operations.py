"""Writes what the pages of docs/operations state of each operation, and the tables of docs/operations.md.

    python -m tools.make_operations            # writes them
    python -m tools.make_operations --check    # fails if they are not as they would be written

What stands between the marks is replaced. The rest of a page, its example, is written by hand.
"""

import gc
import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

from spshipping import operations
from spshipping.catalogue import DOMAINS, Domain
from spshipping.operation import Effect, Operation, PagedOperation, Parameter
from spshipping.operation.parameter import Items
from spshipping.wire.limits import Length, Pattern, Range
from tools.make_reference import homes
from tools.operation_files import domain_of, file_of
from tools.tables import first_sentence, with_table

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "operations"
INDEX = ROOT / "docs" / "operations.md"

EFFECTS = {
    Effect.NONE: "changes nothing",
    Effect.KEYED: "changes something, once per key",
    Effect.ONCE: "changes something each time",
    Effect.IDEMPOTENT: "changes something; repeating it is harmless",
}
TITLES = {
    "shipping": "Amazon Shipping v2",
    "orders.v0": "Orders v0",
    "orders.v2026_01_01": "Orders 2026-01-01",
    "vendor.orders": "Vendor orders",
    "vendor.shipments": "Vendor shipments",
    "vendor.transactions": "Vendor transactions",
    "sellers": "Sellers",
    "notifications": "Notifications",
    "applications": "Applications",
    "auth.tokens": "Tokens",
}
_DOMAINS = {domain.package: domain for domain in DOMAINS}
_KINDS = {
    "list": "a list",
    "time": "a time",
    "integer": "a whole number",
    "boolean": "a bool",
    "text": "text",
}


def methods(operation: Operation[Any]) -> list[tuple[str, Callable[..., Any]]]:
    """Return the methods of the facade that send an operation, the one of its name first."""
    domain = _DOMAINS[domain_of(operation)]
    facade = getattr(importlib.import_module(f"spshipping.{domain.package}"), domain.facade)
    assert operation.reference  # noqa: S101 - each of the catalogue is a constant of its package
    constant = operation.reference.constant
    found = [
        (name, method)
        for name, method in inspect.getmembers(facade, inspect.isfunction)
        if re.search(rf"\._(run|pages|iter)\(\s*\*?{constant}\b", inspect.getsource(method))
    ]
    return sorted(found, key=lambda each: each[0] != constant.lower())


def _link(cls: Any) -> str:
    """Return the name of a type, linked to its page if it has one."""
    parts = get_args(cls)
    if parts:
        return f"a {cls.__name__} of {_link(parts[-1])}"
    if cls is type(None):
        return "nothing"
    home = homes().get(id(cls))
    return f"[`{cls.__name__}`](../reference/{home[0]}.md)" if home else f"`{cls.__name__}`"


def _roles(operation: Operation[Any]) -> str:
    if not operation.roles:
        return "none is known to be needed"
    words = " or ".join(f"*{role}*" for role in operation.roles)
    return f"{words}; any one is enough" if len(operation.roles) > 1 else words


def _personal(operation: Operation[Any]) -> str:
    if operation.restricted is None:
        return "no Restricted Data Token is needed"
    elements = ", ".join(f"`{element}`" for element in operation.restricted) or "the whole answer"
    return f"{elements}, with a Restricted Data Token"


def quota(operation: Operation[Any]) -> str:
    """Return the quota in words."""
    rate = operation.quota.rate
    often = f"{rate:g} per second" if rate >= 0.1 else f"1 in {round(1 / rate)} s"
    return f"{often}, burst {operation.quota.burst}"


def _command(operation: Operation[Any]) -> str:
    is_alone = sum(each.name == operation.name for each in operations()) == 1
    words = [operation.name if is_alone else f"{domain_of(operation)}.{operation.name}"]
    needed = [*operation.path_names, *(each.name for each in operation.query if each.is_required)]
    words += [f"{name}=…" for name in needed]
    words += ["--body FILE"] if operation.body else []
    return f"spshipping call {' '.join(words)}"


def facts(operation: Operation[Any]) -> str:
    """Return what is known of an operation."""
    domain, found = _DOMAINS[domain_of(operation)], methods(operation)
    summary = first_sentence(inspect.getdoc(found[0][1]) or "")
    names = ", ".join(f"`client.{domain.path}.{name}`" for name, _ in found)
    rows = {
        "Route": f"`{operation.route}`",
        "Method": f"{names} (of [`{domain.facade}`](../reference/{_facade_page(domain)}.md))",
        "Constant": f"`{operation.reference}`",
        "Effect": f"`{operation.effect.name}`: {EFFECTS[operation.effect]}",
        "Key": f"`{operation.key_header}`" if operation.key_header else "",
        "Quota": quota(operation),
        "Roles": _roles(operation),
        "Personal data": _personal(operation),
        "Without a seller": f"with a token of the scope `{operation.scope}`" if operation.scope else "",
        "Body": _link(operation.body) if operation.body else "",
        "Answer": _link(operation.returns),
        "Pages": "yes" if isinstance(operation, PagedOperation) else "",
        "On the command line": f"`{_command(operation)}`" if _is_one_command(operation) else "",
        "Ends": operation.deprecated or "",
    }
    lines = [summary, "", *(f"- **{name}**: {value}" for name, value in rows.items() if value)]
    return "\n".join([*lines, *_parameters(operation)])


def _is_one_command(operation: Operation[Any]) -> bool:
    """Say whether `spshipping call` can be told which operation is meant."""
    twins = [each for each in operations() if each.name == operation.name]
    return all(domain_of(each) != domain_of(operation) for each in twins if each is not operation)


def _facade_page(domain: Domain) -> str:
    facade = getattr(importlib.import_module(f"spshipping.{domain.package}"), domain.facade)
    return homes()[id(facade)][0]


def _parameters(operation: Operation[Any]) -> Iterator[str]:
    rows = [Parameter(name, is_required=True) for name in operation.path_names]
    rows += [*operation.query, *(each for each in operation.headers if not each.is_key)]
    if rows:
        yield from ("", "| Parameter | Argument | What Amazon takes |", "|---|---|---|")
    for each in rows:
        words = [f"{_KINDS[each.written]}{', required' if each.is_required else ''}"]
        words += ["the client's own, unless given"] if each.from_client else []
        words += [_limit(limit) for limit in each.limits]
        yield f"| `{each.name}` | `{each.python_name}` | {'; '.join(words)} |"


def _limit(limit: object) -> str:
    if isinstance(limit, Items):
        return f"{limit.least} to {limit.most} entries"
    if isinstance(limit, Length):
        return f"{limit.least} to {limit.most} characters"
    if isinstance(limit, Range):
        return f"{limit.least} to {limit.most}"
    assert isinstance(limit, Pattern)  # noqa: S101 - there is no other
    return f"`{limit.regex}`".replace("|", "\\|")


def title(operation: Operation[Any]) -> str:
    """Return the title of the page of an operation."""
    twins = [each for each in operations() if each.name == operation.name and each is not operation]
    if not twins:
        return operation.name
    if all(domain_of(each) == domain_of(operation) for each in twins):
        return f"{operation.name} ({operation.method})"
    return f"{operation.name} ({TITLES[domain_of(operation)]})"


def of(package: str) -> list[Operation[Any]]:
    """Return the operations of a domain in the order in which it exports them."""
    module = importlib.import_module(f"spshipping.{package}")
    found = {
        each.reference.constant: each
        for each in operations()
        if each.reference and domain_of(each) == package
    }
    return [found[name] for name in getattr(module, "__all__", found) if name in found]


def table() -> str:
    """Return the tables of all operations, one for each domain."""
    lines: list[str] = []
    for package, heading in TITLES.items():
        lines += [f"### {heading}", "", "| Operation | Effect, quota |", "|---|---|"]
        for operation in of(package):
            end = " (ends)" if operation.deprecated else ""
            name = f"[{operation.name}](operations/{file_of(operation)}){end}<br>`{operation.route}`"
            lines.append(f"| {name} | `{operation.effect.name}`<br>{quota(operation)} |")
        lines.append("")
    return "\n".join(lines).strip()


def all_written() -> dict[Path, str]:
    """Return the text of every file."""
    found = {INDEX: with_table(INDEX.read_text("utf-8"), "operations", table(), tool="make_operations")}
    for operation in operations():
        path = FOLDER / file_of(operation)
        page = path.read_text("utf-8") if path.exists() else new(operation)
        found[path] = with_table(page, "facts", facts(operation), tool="make_operations")
    return found


def new(operation: Operation[Any]) -> str:
    """Return a page that lacks its facts and its example."""
    marks = "<!-- facts: made by tools/make_operations.py -->\n<!-- end of facts -->"
    return f"# {title(operation)}\n\n{marks}\n\n## Example\n"


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    texts = all_written()
    strangers = sorted(set(FOLDER.glob("*.md")) - set(texts))
    stale = [path for path, text in texts.items() if not path.exists() or path.read_text("utf-8") != text]
    for path in strangers:
        print(f"{path.relative_to(ROOT)} is of no operation")
    if "--check" in arguments:
        for path in stale:
            print(
                f"{path.relative_to(ROOT)} is not as it would be written; run python -m tools.make_operations"
            )
        return int(bool(stale or strangers))
    for path, text in texts.items():
        path.write_text(text, "utf-8")
    return int(bool(strangers))


if __name__ == "__main__":
    gc.disable()  # what is made lives until the end: the collector would walk over it again and again
    sys.exit(main(sys.argv[1:]))
