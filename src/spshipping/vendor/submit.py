"""Submits a vendor's documents to Amazon: acknowledgements, shipment confirmations, routing requests."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from spshipping.errors import InvalidRequestError
from spshipping.facade import Context
from spshipping.operation import CallOptions
from spshipping.vendor.acknowledge import workflow
from spshipping.vendor.acknowledge.acknowledgement import Acknowledgement
from spshipping.vendor.acknowledge.beside import beside
from spshipping.vendor.acknowledge.desk import Desk
from spshipping.vendor.acknowledge.rules import Wishes
from spshipping.vendor.acknowledge.submission import Submission
from spshipping.vendor.asn.builder import Asn, Basis
from spshipping.vendor.history import sent_confirmation
from spshipping.vendor.ledger.entry import Entry, Scope, SubmissionKind
from spshipping.vendor.ledger.protocol import SubmissionLedger
from spshipping.vendor.routing.builder import RoutingRequest
from spshipping.vendor.rules.containers import sscc_digits
from spshipping.vendor.rules.context import History, RuleContext
from spshipping.vendor.rules.lint import lint, rule_ids
from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.rules.rule import Finding, Severity
from spshipping.vendor.shipments.models.confirmations import ShipmentConfirmation
from spshipping.wire.convert import dumps

_OF_HISTORY = ("L-030", "L-077")
"""The rules about an identifier that was used before: only the ledger knows."""
_OF_OTHERS = ("L-049", "L-057")
"""The rules about what other shipments hold: the ledger may have more of them than when it was built."""


async def submit(
    context: Context,
    ledger: SubmissionLedger,
    document: Acknowledgement | Asn | RoutingRequest,
    wishes: Wishes,
    options: CallOptions,
) -> Submission:
    """Submit a document; see `VendorApi.submit`."""
    wishes = Wishes(rule_ids("overrule", wishes.overrule), rule_ids("raise_to_error", wishes.raise_to_error))
    if isinstance(document, Asn):
        return await _submit_asn(Desk.at(context, ledger, options), document, wishes)
    if isinstance(document, RoutingRequest):
        return await _submit_routing(Desk.at(context, ledger, options), document, wishes)
    return await workflow.submit(context, ledger, document, wishes, options)


async def _submit_asn(desk: Desk, asn: Asn, wishes: Wishes) -> Submission:
    confirmation = asn.confirmation
    scope = _scope(
        desk,
        SubmissionKind.SHIPMENT_CONFIRMATION,
        confirmation.selling_party.party_id,
        confirmation.shipment_identifier,
    )
    _refuse_raised(asn.warnings, wishes)
    now = desk.context.clock.now()
    others = await beside(desk, scope, _marks(confirmation))

    def warnings_of(history: Sequence[Entry]) -> tuple[str, ...]:
        _refuse(_of_others(asn, others, wishes, now))
        sent = [sent_confirmation(entry) for entry in history if entry.is_said]
        if sent:
            known = RuleContext(now=now, history=History(confirmations=sent))
            found = lint(confirmation, known, raise_to_error=("L-030",), overrule=wishes.overrule)
            ours = [each for each in found if each.rule in _OF_HISTORY]
            _refuse(each for each in ours if each.severity is Severity.ERROR)
        return tuple(map(str, asn.warnings))

    return await workflow.submitted(desk, scope, dumps(asn.request).decode(), warnings_of)


def _marks(confirmation: ShipmentConfirmation) -> set[str]:
    """Return what is in the text of others that ship for the same orders, or in the same containers."""
    view = ConfirmationView(confirmation, RuleContext())
    codes = (code for container in view.containers for code in container.identifiers)
    return set(view.by_order) | {sscc_digits(code.container_identification_number) for code in codes}


def _of_others(asn: Asn, others: Sequence[Entry], wishes: Wishes, now: datetime) -> list[Finding]:
    """Return the errors of a confirmation beside all others that the ledger has."""
    if not others:
        return []
    context, overrule = asn.basis or Basis(RuleContext(), frozenset())
    known = context.history or History()
    sent = [*known.confirmations, *map(sent_confirmation, others)]
    context = dataclasses.replace(context, now=now, history=dataclasses.replace(known, confirmations=sent))
    found = lint(asn.confirmation, context, raise_to_error=_OF_OTHERS, overrule={*overrule, *wishes.overrule})
    return [each for each in found if each.rule in _OF_OTHERS and each.severity is Severity.ERROR]


async def _submit_routing(desk: Desk, routing: RoutingRequest, wishes: Wishes) -> Submission:
    shipment = routing.shipment
    scope = _scope(
        desk,
        SubmissionKind.TRANSPORTATION_REQUEST,
        shipment.selling_party.party_id,
        shipment.vendor_shipment_identifier,
    )
    _refuse_raised(routing.warnings, wishes)
    warnings = tuple(map(str, routing.warnings))
    return await workflow.submitted(desk, scope, dumps(routing.request).decode(), lambda _: warnings)


def _scope(desk: Desk, kind: SubmissionKind, vendor_code: str, reference: str) -> Scope:
    own = desk.context.vendor_code
    if own is not None and vendor_code != own:
        raise InvalidRequestError(
            "is for the order of another vendor code than the client's: use a client of that code",
            path="document",
        )
    return Scope(desk.context.origin.endpoint, vendor_code, kind, reference)


def _refuse_raised(warnings: Iterable[Finding], wishes: Wishes) -> None:
    raised = [each for each in warnings if each.rule in wishes.raise_to_error and not each.is_overruled]
    _refuse(raised)


def _refuse(findings: Iterable[Any]) -> None:
    for finding in findings:
        raise InvalidRequestError(
            f"{finding.rule}: {finding.message}: {finding.remedy}", path=finding.path or None
        )
