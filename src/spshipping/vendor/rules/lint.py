"""Checks documents by the rule book, before anything is sent."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from spshipping.errors import InvalidRequestError
from spshipping.vendor.orders.models.acknowledgements import (
    OrderAcknowledgement,
    SubmitAcknowledgementRequest,
)
from spshipping.vendor.rules.answers import AcknowledgementView
from spshipping.vendor.rules.book import RULES
from spshipping.vendor.rules.context import RuleContext
from spshipping.vendor.rules.packing import ConfirmationView
from spshipping.vendor.rules.requests import LabelsView, QueryView, RoutingView
from spshipping.vendor.rules.rule import (
    DocumentKind,
    Finding,
    Rule,
    RuleRegion,
    Severity,
    ShipmentKind,
    Unchecked,
)
from spshipping.vendor.shipments.models.confirmations import (
    ShipmentConfirmation,
    SubmitShipmentConfirmationsRequest,
)
from spshipping.vendor.shipments.models.labels import TransportationLabels, TransportLabel
from spshipping.vendor.shipments.models.shipments import Shipment, SubmitShipments
from spshipping.wire.convert import encode_request
from spshipping.wire.model import Model

Document = (
    OrderAcknowledgement
    | SubmitAcknowledgementRequest
    | ShipmentConfirmation
    | SubmitShipmentConfirmationsRequest
    | Shipment
    | SubmitShipments
    | TransportLabel
    | TransportationLabels
    | Mapping[str, object]
)
"""What can be checked; a mapping is the filters of a search, by their Python names."""

_View = AcknowledgementView | ConfirmationView | RoutingView | LabelsView | QueryView
_KINDS: Mapping[type, DocumentKind] = {
    AcknowledgementView: DocumentKind.ACKNOWLEDGEMENT,
    ConfirmationView: DocumentKind.CONFIRMATION,
    RoutingView: DocumentKind.ROUTING,
    LabelsView: DocumentKind.LABELS,
    QueryView: DocumentKind.QUERY,
}

_MOST_NAMED = 9
"""In the message of an error, beside the first."""


def lint(
    document: Document,
    context: RuleContext,
    *,
    raise_to_error: Iterable[str] = (),
    overrule: Iterable[str] = (),
) -> list[Finding]:
    """Return where a document breaks a rule of the rule book, the worst first.

    Nothing is sent, and nothing is read beside *document* and *context*. An empty list says that no rule that
    could be checked is broken: `unchecked` says which could not be.

    Args:
        document: what is to be sent; of a request with several documents, each is checked.
        context: what the rules need to know.
        raise_to_error: ids of rules that are to be errors, whatever they are.
        overrule: ids of rules whose errors are to be warnings.

    Raises:
        InvalidRequestError: there is no such rule, nothing of this kind can be checked, or a required field
            is missing or of another kind.
    """
    raised, overruled = rule_ids("raise_to_error", raise_to_error), rule_ids("overrule", overrule)
    with _complete(document):
        found = [
            finding
            for view in _views(document, context)
            for rule in RULES.values()
            if _applies(rule, view)
            for finding in _findings(rule, view, raised, overruled)
        ]
    return sorted(found, key=lambda finding: -finding.severity)


def check(
    document: Document,
    context: RuleContext,
    *,
    raise_to_error: Iterable[str] = (),
    overrule: Iterable[str] = (),
) -> list[Finding]:
    """Return the warnings of a document, and what is for information, as `lint`; refuse it for errors.

    Raises:
        InvalidRequestError: it breaks a rule that is an error; the message names the first ten, and
            `lint` returns all of them.
    """
    found = lint(document, context, raise_to_error=raise_to_error, overrule=overrule)
    errors = [finding for finding in found if finding.severity is Severity.ERROR]
    if errors:
        first, *others = errors
        message = f"{first.rule}: {first.message}: {first.remedy}"
        if others:
            message += "; and " + ", ".join(f"{each.rule} at {each.path}" for each in others[:_MOST_NAMED])
        if len(others) > _MOST_NAMED:
            message += f", and {len(others) - _MOST_NAMED} more"
        raise InvalidRequestError(message, path=first.path or None)
    return found


def unchecked(document: Document, context: RuleContext) -> list[Unchecked]:
    """Return the rules that cannot be checked, or only in part, because the context does not say enough.

    Raises:
        InvalidRequestError: nothing of this kind can be checked, or a required field is missing or of another
            kind.
    """
    found = []
    with _complete(document):
        views = _views(document, context)
        for rule in RULES.values():
            ours = [view for view in views if _KINDS[type(view)] in rule.documents]
            missing = dict.fromkeys(name for view in ours for name in _missing(rule, view))
            if missing:
                found.append(Unchecked(rule.id, tuple(missing)))
    return found


@contextmanager
def _complete(document: Document) -> Iterator[None]:
    """Name the field that is missing, or of another kind, where a rule cannot read it."""
    try:
        yield
    except (AttributeError, TypeError):
        if isinstance(document, Model):
            encode_request(document)
        raise


def rule_ids(path: str, ids: Iterable[str]) -> frozenset[str]:
    """Return ids of rules that a caller gave; one alone may be a text.

    Raises:
        InvalidRequestError: they are no ids, or there is no such rule.
    """
    if not isinstance(ids, Iterable):
        raise InvalidRequestError('is a set of ids of rules, such as {"L-015"}', path=path)
    wanted = frozenset([ids] if isinstance(ids, str) else ids)
    if wanted - RULES.keys():
        raise InvalidRequestError("names a rule that does not exist: rules are L-001 to L-095", path=path)
    return wanted


def _views(document: Document, context: RuleContext) -> list[_View]:
    if isinstance(document, SubmitAcknowledgementRequest):
        return [
            AcknowledgementView(each, context, f"acknowledgements[{index}].")
            for index, each in enumerate(document.acknowledgements or ())
        ]
    if isinstance(document, SubmitShipmentConfirmationsRequest):
        each_one = document.shipment_confirmations or []
        return [
            ConfirmationView(each, context, f"shipment_confirmations[{index}].", each_one[:index])
            for index, each in enumerate(each_one)
        ]
    if isinstance(document, SubmitShipments):
        return [
            RoutingView(each, context, f"shipments[{index}].")
            for index, each in enumerate(document.shipments or ())
        ]
    if isinstance(document, TransportationLabels):
        return [
            LabelsView(each, context, f"transport_labels[{index}].")
            for index, each in enumerate(document.transport_labels or ())
        ]
    return [_view(document, context)]


def _view(document: object, context: RuleContext) -> _View:
    if isinstance(document, OrderAcknowledgement):
        return AcknowledgementView(document, context)
    if isinstance(document, ShipmentConfirmation):
        return ConfirmationView(document, context)
    if isinstance(document, Shipment):
        return RoutingView(document, context)
    if isinstance(document, TransportLabel):
        return LabelsView(document, context)
    if isinstance(document, Mapping):
        return QueryView(document, context)
    raise InvalidRequestError("is nothing that the rule book is about", path="document")


def _kinds(view: _View) -> frozenset[ShipmentKind]:
    return frozenset() if isinstance(view, AcknowledgementView) else view.kinds


def _applies(rule: Rule, view: _View) -> bool:
    if _KINDS[type(view)] not in rule.documents or (rule.kinds and not rule.kinds & _kinds(view)):
        return False
    return _is_of_region(rule, view.context.region)


def _is_of_region(rule: Rule, region: RuleRegion | None) -> bool:
    if region is None:
        # a rule that holds in every region of the tables is checked; one of some of them cannot be
        return rule.regions >= {RuleRegion.NA, RuleRegion.EU, RuleRegion.IN}
    return region in rule.regions or (region is RuleRegion.OTHER and RuleRegion.EU in rule.regions)


def _findings(
    rule: Rule, view: _View, raised: frozenset[str], overruled: frozenset[str]
) -> Iterator[Finding]:
    is_foreign = view.context.region is RuleRegion.OTHER and RuleRegion.OTHER not in rule.regions
    # what is wrong with an item is found in each of its containers
    for fault in dict.fromkeys(rule.find(view)):
        severity = rule.parts[fault.part].severity
        if is_foreign:
            severity = min(severity, Severity.WARNING)
        if rule.id in raised:
            severity = Severity.ERROR
        is_overruled = severity is Severity.ERROR and rule.id in overruled
        yield Finding(
            rule.id,
            Severity.WARNING if is_overruled else severity,
            fault.path,
            fault.message,
            fault.remedy,
            is_overruled,
        )


def _missing(rule: Rule, view: _View) -> Iterator[str]:
    if view.context.region is None and not _is_of_region(rule, None):
        yield "region"
    kinds = _kinds(view)
    by_type = rule.kinds - {ShipmentKind.PALLETISED, ShipmentKind.IMPORT}
    if isinstance(view, ConfirmationView) and view.shipment_type is None and by_type:
        yield "shipment_type"
    elif rule.kinds and not rule.kinds & kinds:
        return
    for name in rule.needs:
        if name == "orders":
            if not _has_orders(view):
                yield name
        elif name == "shipment_type":
            if isinstance(view, ConfirmationView) and view.shipment_type is None:
                yield name
        elif getattr(view.context, name) in (None, ()):
            yield name


def _has_orders(view: _View) -> bool:
    context = view.context
    if isinstance(view, AcknowledgementView):
        return view.order is not None
    if isinstance(view, ConfirmationView):
        numbers = {portion.number for portion in view.portions} - {None}
        return context.orders is not None and len(view.orders) == len(numbers)
    # no rule about labels or searches needs them
    listed = (isinstance(view, RoutingView) and view.document.purchase_orders) or ()
    return all(context.order(each.purchase_order_number) is not None for each in listed)
