"""`spshipping vendor lint`: checks a document by Amazon's rules, and sends nothing."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from spshipping.cli.console import new_console, print_paragraph
from spshipping.cli.vendor.command import DONE, FAILED, as_json_option, print_json
from spshipping.cli.vendor.fields import read_model
from spshipping.cli.vendor.findings import finding_dict, has_errors, print_findings, unchecked_dict
from spshipping.cli.vendor.office import Office, read_file, with_office
from spshipping.cli.vendor.ship import freight_of
from spshipping.errors import DecodeError, InvalidRequestError
from spshipping.vendor.orders import SubmitAcknowledgementRequest
from spshipping.vendor.rules import RuleContext, lint, unchecked
from spshipping.vendor.shipments import (
    ShipmentFreightTerm,
    SubmitShipmentConfirmationsRequest,
    SubmitShipments,
)
from spshipping.wire.text import parse

Document = SubmitAcknowledgementRequest | SubmitShipmentConfirmationsRequest | SubmitShipments

_KINDS: dict[str, type[Document]] = {
    "acknowledgements": SubmitAcknowledgementRequest,
    "shipmentConfirmations": SubmitShipmentConfirmationsRequest,
    "shipments": SubmitShipments,
}


@click.command("lint")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--freight",
    type=click.Choice([each.value for each in ShipmentFreightTerm], case_sensitive=False),
    help="Who pays the freight; else as the windows of the purchase orders show it.",
)
@click.option("--overrule", multiple=True, metavar="RULE", help="A rule whose errors are warnings.")
@click.option("--raise", "raised", multiple=True, metavar="RULE", help="A rule whose warnings are errors.")
@as_json_option
@with_office
def lint_document(
    office: Office,
    file: Path,
    freight: str | None,
    *,
    overrule: Sequence[str],
    raised: Sequence[str],
    as_json: bool,
) -> None:
    """Check FILE by Amazon's rules: the JSON of a submission. Nothing is sent.

    It is the body of submitAcknowledgement, SubmitShipmentConfirmations or SubmitShipments. It is compared
    with the purchase orders that were imported, and with what was submitted from here.

    The exit code is 0 if no rule forbids it, else 1.
    """
    data = _read(file)
    document = _document(data, file)
    orders = [
        found.order
        for number in dict.fromkeys(_numbers(data))
        if (found := office.store.find(number)) is not None
    ]
    context = RuleContext(
        now=office.now,
        region=office.region,
        orders=orders,
        freight=ShipmentFreightTerm(freight) if freight else freight_of(orders),
        history=office.client.vendor.history(ledger=office.ledger),
    )
    findings = lint(document, context, raise_to_error=raised, overrule=overrule)
    skipped = unchecked(document, context)
    if as_json:
        print_json(
            {
                "findings": [finding_dict(each) for each in findings],
                "unchecked": unchecked_dict(skipped),
            }
        )
    else:
        print_findings(findings)
        rules = ", ".join(each.rule for each in skipped) or "none"
        print_paragraph(new_console(), f"Not checked, or in part, for want of facts: {rules}")
    click.get_current_context().exit(FAILED if has_errors(findings) else DONE)


def _read(file: Path) -> Any:
    try:
        return parse(read_file(file))
    except DecodeError:
        raise InvalidRequestError("is no JSON", path=file.name) from None


def _document(data: Any, file: Path) -> Document:
    name = next(
        (name for name in _KINDS if isinstance(data, dict) and isinstance(data.get(name), list)), None
    )
    if name is None:
        raise InvalidRequestError(f"has no list {' or '.join(_KINDS)}", path=file.name)
    return read_model(data, _KINDS[name], file.name)


def _numbers(value: Any) -> Iterator[str]:
    """Yield the numbers of purchase orders that are anywhere in a document."""
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "purchaseOrderNumber" and isinstance(each, str):
                yield each.strip()
            yield from _numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _numbers(each)
