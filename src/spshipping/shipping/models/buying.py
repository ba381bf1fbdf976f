"""Chooses among rates, and puts together what a rate needs to be bought: pure functions."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn

from spshipping.errors import InvalidRequestError, MissingFieldError
from spshipping.named import NamedTuple
from spshipping.shipping.models.documents import (
    DocumentFormat,
    DocumentSize,
    DocumentType,
    PrintOption,
    RequestedDocumentSpecification,
    RequestedLabelCustomization,
    SupportedDocumentDetail,
    SupportedDocumentSpecification,
    present,
)
from spshipping.shipping.models.offers import Rate
from spshipping.shipping.models.purchases import RequestedValueAddedService
from spshipping.wire.model import has

_NEVER = datetime.max.replace(tzinfo=UTC)


class LabelOptions(NamedTuple):
    """The documents that are wanted; None leaves it to the rate."""

    format: DocumentFormat
    size: DocumentSize | None
    dpi: int | None
    page_layout: str | None
    needs_file_joining: bool | None
    document_types: list[DocumentType]
    label_customization: RequestedLabelCustomization | None


class _Way(NamedTuple):
    """One way in which a rate prints documents."""

    specification: SupportedDocumentSpecification
    option: PrintOption


Price = Callable[[Rate], tuple[Decimal, str] | None]
"""What a rate costs, and in which currency; None where that is not known."""


def _price(rate: Rate) -> tuple[Decimal, str] | None:
    try:
        return rate.total_charge.value, rate.total_charge.unit
    except MissingFieldError:
        return None


def _arrival(rate: Rate) -> datetime:
    window = rate.promise.delivery_window if has(rate, "promise") else None
    return window.end if window and window.end else _NEVER


def cheapest(rates: Sequence[Rate], price_of: Price = _price) -> Rate:
    """Return the rate with the lowest charge, then the earliest delivery.

    Raises:
        InvalidRequestError: the charges are in several currencies.
    """
    currencies = sorted({price[1] for price in map(price_of, rates) if price})
    if len(currencies) > 1:
        raise InvalidRequestError(
            f"are in several currencies ({', '.join(currencies)}) and cannot be compared; choose yourself",
            path="rates",
        )

    def order(rate: Rate) -> tuple[bool, Decimal, datetime]:
        price = price_of(rate)
        return price is None, price[0] if price else Decimal(0), _arrival(rate)

    return min(rates, key=order)


def fastest(rates: Sequence[Rate], price_of: Price = _price) -> Rate:
    """Return the rate with the earliest end of delivery, then the lowest charge.

    Raises:
        InvalidRequestError: the earliest ones are in several currencies.
    """
    first = min(map(_arrival, rates))
    return cheapest([rate for rate in rates if _arrival(rate) == first], price_of)


def refuse_for(codes: Sequence[str | None]) -> NoReturn:
    """Say that there is no rate, and how often which reason was given.

    Raises:
        InvalidRequestError: always.
    """
    counts = ", ".join(f"{code or 'unreadable'} ({n})" for code, n in Counter(codes).most_common())
    reasons = f"reasons: {counts}; see ineligible_rates for the messages" if counts else "no reason was given"
    raise InvalidRequestError(f"is empty, no service can carry the packages; {reasons}", path="rates")


def own_rate(rate: Rate, rates: Sequence[Rate]) -> Rate:
    """Return the one of *rates* that has the id of *rate*.

    Raises:
        InvalidRequestError: there is none.
    """
    given: object = rate
    for own in rates if isinstance(given, Rate) else ():
        if has(rate, "rate_id") and has(own, "rate_id") and own.rate_id == rate.rate_id:
            return own
    raise InvalidRequestError("is not one of this result's rates; quotes cannot be mixed", path="rate")


def document_specification(rate: Rate, options: LabelOptions) -> RequestedDocumentSpecification:
    """Return the first specification that the rate supports and that gives what the options say.

    Raises:
        InvalidRequestError: there is none; names the argument, and what is supported instead.
    """
    way = _first_way(rate, options)
    option = way.option
    details = present(option.supported_document_details)
    insisted = present(_name(detail) for detail in details if getattr(detail, "is_mandatory", False))
    mandatory = insisted or [DocumentType.LABEL]
    joining = options.needs_file_joining
    return RequestedDocumentSpecification(
        format=options.format,
        size=way.specification.size,
        dpi=options.dpi or _first(option.supported_dpis),
        page_layout=options.page_layout or _first(option.supported_page_layouts),
        need_file_joining=bool(_first(option.supported_file_joining_options)) if joining is None else joining,
        requested_document_types=list(dict.fromkeys([*mandatory, *options.document_types])),
        requested_label_customization=options.label_customization,
    )


def _name(detail: SupportedDocumentDetail) -> DocumentType | None:
    return detail.name if has(detail, "name") else None


def _first(offered: Sequence[Any] | None) -> Any:
    return next(iter(present(offered)), None)


def _first_way(rate: Rate, options: LabelOptions) -> _Way:
    ways = [
        _Way(specification, option)
        for specification in present(rate.supported_document_specifications)
        for option in present(specification.print_options)
    ]
    ways = _narrowed(ways, "format", options.format, lambda way: [getattr(way.specification, "format", None)])
    ways = _narrowed(ways, "size", options.size, lambda way: [getattr(way.specification, "size", None)])
    ways = _narrowed(ways, "dpi", options.dpi, lambda way: way.option.supported_dpis)
    ways = _narrowed(ways, "page_layout", options.page_layout, lambda way: way.option.supported_page_layouts)
    ways = _narrowed(
        ways,
        "needs_file_joining",
        options.needs_file_joining,
        lambda way: way.option.supported_file_joining_options,
    )
    for type_ in options.document_types:
        ways = _narrowed(
            ways,
            "document_types",
            type_,
            lambda way: [_name(detail) for detail in present(way.option.supported_document_details)],
        )
    return ways[0]


def _narrowed(
    ways: list[_Way], argument: str, given: Any, offered: Callable[[_Way], Sequence[Any] | None]
) -> list[_Way]:
    if given is None:
        return ways
    kept = [way for way in ways if given in present(offered(way))]
    if kept:
        return kept
    known = list(dict.fromkeys(_text(value) for way in ways for value in present(offered(way))))
    raise InvalidRequestError(
        f"is not supported; this rate supports: {', '.join(known) or 'none, so leave it out'}", path=argument
    )


def _text(value: Any) -> str:
    is_size = isinstance(value, DocumentSize)
    return f"{value.width} x {value.length} {value.unit}" if is_size else str(value)


def extras(rate: Rate, ids: Sequence[str]) -> list[RequestedValueAddedService] | None:
    """Return the value-added services as the purchase names them, or None where there is none.

    Raises:
        InvalidRequestError: one is not offered, or a required group is not answered.
    """
    groups = present(rate.available_value_added_service_groups)
    offered = {
        id(group): [service.id for service in present(group.value_added_services) if has(service, "id")]
        for group in groups
    }
    known = [name for names in offered.values() for name in names]
    if not set(ids) <= set(known):
        raise InvalidRequestError(
            f"names what is not offered; this rate offers: {', '.join(map(str, known)) or 'none'}",
            path="value_added_services",
        )
    for group in groups:
        names = offered[id(group)]
        if getattr(group, "is_required", False) and not set(ids) & set(names):
            raise InvalidRequestError(
                f"must name one of group {getattr(group, 'group_id', None)}: {', '.join(map(str, names))}",
                path="value_added_services",
            )
    return [RequestedValueAddedService(id=name) for name in ids] or None


def inputs(rate: Rate, given: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the additional inputs.

    Raises:
        InvalidRequestError: there are none, and the rate requires them.
    """
    if getattr(rate, "requires_additional_inputs", False) and given is None:
        raise InvalidRequestError(
            "is required by this rate; call get_additional_inputs for the schema of what to give",
            path="additional_inputs",
        )
    return given
