"""The test set of labels: each is quoted, bought, tracked and cancelled, and every step is written down."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from spshipping import disk
from spshipping.client import Client
from spshipping.errors import AnsweredError, OutcomeUnknownError, SpShippingError
from spshipping.operation import Call
from spshipping.regions import ShippingBusiness
from spshipping.shipping import (
    CANCEL_SHIPMENT,
    GET_RATES,
    GET_TRACKING,
    PURCHASE_SHIPMENT,
    GetRatesRequest,
    GetRatesResult,
    PurchaseShipmentResult,
    Rate,
    is_amazon_carrier,
)
from spshipping.shipping.models.documents import present
from spshipping.shipping.parameters import BUSINESS
from spshipping.stored import call_to_json

T = TypeVar("T")

STATE_FILE = "test-set.json"
USE_CASES = ("rates", "purchase", "track", "cancel")
_OPERATIONS = {
    "rates": GET_RATES.name,
    "purchase": PURCHASE_SHIPMENT.name,
    "track": GET_TRACKING.name,
    "cancel": CANCEL_SHIPMENT.name,
}
_FORMATS = ("PDF", "PNG", "ZPL")


class LabelSetError(Exception):
    """The test set cannot be made; says what to do."""


@dataclass(slots=True)
class UseCase:
    """One request for one label, and how it ended."""

    name: str
    operation: str
    is_done: bool
    request_id: str | None
    error: str | None = None


@dataclass(slots=True)
class SampleLabel:
    """One label of the set. Its state is planned, buying, bought, cancelled, refused or unknown."""

    business: str
    format: str
    is_joined: bool
    service: str
    price: str
    state: str = "planned"
    shipment_id: str | None = None
    tracking_id: str | None = None
    dpi: int | None = None
    files: list[str] = field(default_factory=list)
    call: str | None = field(default=None, repr=False)
    """The purchase as JSON, with its key, until its outcome is known; it holds addresses."""
    use_cases: list[UseCase] = field(default_factory=list)

    @property
    def is_left(self) -> bool:
        """Whether it is bought, or may be, and is not cancelled."""
        return self.state in ("buying", "bought", "unknown")

    @property
    def is_complete(self) -> bool:
        """Whether every use case worked."""
        return [each.name for each in self.use_cases if each.is_done] == list(USE_CASES)

    @property
    def name(self) -> str:
        """What its files are called."""
        return f"{self.business}-{self.format}{'-joined' if self.is_joined else ''}"


class Plan(NamedTuple):
    """One label that is to be bought."""

    label: SampleLabel
    order: GetRatesRequest
    business: ShippingBusiness
    service_id: str
    carrier_id: str
    document_types: tuple[str, ...]
    most: Decimal
    """The price that was shown; a rate that costs more is not bought."""
    unit: str


class LabelSet:
    """Makes the labels in a folder, and keeps there what was bought."""

    def __init__(self, client: Client, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self.labels: list[SampleLabel] = []

    @property
    def left(self) -> list[SampleLabel]:
        """The labels that are bought, or may be, and are not cancelled."""
        return [label for label in self.labels if label.is_left]

    def load(self) -> None:
        """Read what an earlier run left in the folder.

        Raises:
            LabelSetError: it cannot be read.
        """
        try:
            kept = json.loads(disk.read(self._folder / STATE_FILE))
            self.labels = [_label(each) for each in kept["labels"]]
        except FileNotFoundError:
            return
        except (OSError, ValueError, TypeError, KeyError):
            raise LabelSetError(f"{STATE_FILE} of the folder cannot be read; use another folder") from None

    def clear(self) -> None:
        """Cancel what an earlier run left. A purchase in doubt is sent again with its key first.

        Raises:
            LabelSetError: a label could not be cancelled, or it is not known whether it was bought.
        """
        for label in self.left:
            self._resolve(label)
            if label.shipment_id is not None:
                self.cancel(label, ShippingBusiness.named(label.business))
        if self.left:
            names = ", ".join(f"{label.name} ({label.shipment_id or 'no id'})" for label in self.left)
            raise LabelSetError(
                f"an earlier run left what could not be cancelled: {names}. Look it up at Amazon, cancel it"
                " there, and use another folder"
            )
        self.labels = []

    def _resolve(self, label: SampleLabel) -> None:
        """Learn the id of a label that may have been bought."""
        if label.call is None:
            return
        try:
            self._note(label, self._client.resolve(label.call).value)
        except SpShippingError:  # as after ten minutes
            return

    def plans(self, order: GetRatesRequest, business: ShippingBusiness) -> Iterator[Plan]:
        """Quote an order, and yield a label for each format, and way of joining files, of its cheapest rate.

        Raises:
            LabelSetError: no rate of Amazon's own carrier can be bought like that.
            SpShippingError: it cannot be quoted.
        """
        call = GET_RATES(body=order, headers={BUSINESS.name: business})
        rate = _own_rate(self._client.send(call).value, None)
        charge = rate.total_charge
        for format, is_joined, types in _ways(rate):
            label = SampleLabel(
                business=business.value.removeprefix("AmazonShipping_"),
                format=format,
                is_joined=is_joined,
                service=rate.service_name,
                price=f"{charge.value} {charge.unit}",
            )
            yield Plan(
                label, order, business, rate.service_id, rate.carrier_id, types, charge.value, charge.unit
            )

    def make(self, plan: Plan) -> None:
        """Buy, save, track and cancel one label. A failure is written down, and ends this label.

        Raises:
            OSError: the disk refused.
        """
        self.labels.append(plan.label)
        bought = self._bought(plan)
        if bought is not None:
            self._files(plan.label, bought)
            self._track(plan)
            self.cancel(plan.label, plan.business)

    def cancel(self, label: SampleLabel, business: ShippingBusiness) -> None:
        """Cancel a label."""
        call = CANCEL_SHIPMENT(
            path={"shipmentId": label.shipment_id or ""}, headers={BUSINESS.name: business}
        )
        try:
            self._step(label, "cancel", lambda: self._sent(call))
        except SpShippingError:
            return
        label.state = "cancelled"
        self.keep()

    def keep(self) -> None:
        """Write down what there is; on return it is on the disk."""
        text = json.dumps({"labels": [asdict(label) for label in self.labels]}, indent=2)
        disk.replace(self._folder / STATE_FILE, text.encode(), private=True, durable=True)

    def _bought(self, plan: Plan) -> PurchaseShipmentResult | None:
        label = plan.label
        try:
            quoting = GET_RATES(body=plan.order, headers={BUSINESS.name: plan.business})
            quote = self._step(label, "rates", lambda: self._sent(quoting))
            rate = _own_rate(quote, plan)
            request = quote.purchase_request(
                rate,
                format=label.format,
                needs_file_joining=label.is_joined,
                document_types=plan.document_types,
            )
        except (SpShippingError, LabelSetError) as error:
            self._refused(label, error)
            return None
        buying = PURCHASE_SHIPMENT(body=request, headers={BUSINESS.name: plan.business}).with_key()
        label.state, label.call = "buying", call_to_json(buying)
        label.dpi = request.requested_document_specification.dpi
        self.keep()  # before it is sent: a run that is killed leaves word of it
        try:
            result = self._step(label, "purchase", lambda: self._sent(buying))
        except OutcomeUnknownError:
            label.state = "unknown"
            self.keep()
            return None
        except SpShippingError as error:
            self._refused(label, error)
            return None
        self._note(label, result)
        return result

    def _note(self, label: SampleLabel, result: PurchaseShipmentResult) -> None:
        label.state, label.call = "bought", None
        label.shipment_id, label.tracking_id = getattr(result, "shipment_id", None), result.tracking_id
        self.keep()

    def _refused(self, label: SampleLabel, error: Exception) -> None:
        label.state, label.call = "refused", None
        if not label.use_cases or label.use_cases[-1].is_done:
            label.use_cases.append(_failed("purchase", error))
        self.keep()

    def _files(self, label: SampleLabel, bought: PurchaseShipmentResult) -> None:
        for number, document in enumerate(bought.documents, 1):
            name = f"{label.name}-{number}-{document.type}.{str(document.format).lower()}"
            try:
                disk.replace(self._folder / name, document.data, private=True, durable=True)
            except SpShippingError as error:
                label.use_cases[-1] = _failed("purchase", error, label.use_cases[-1].request_id)
            else:
                label.files.append(name)
        self.keep()

    def _track(self, plan: Plan) -> None:
        label = plan.label
        call = GET_TRACKING(
            query={"trackingId": label.tracking_id or "", "carrierId": plan.carrier_id},
            headers={BUSINESS.name: plan.business},
        )
        try:
            self._step(label, "track", lambda: self._sent(call))
        except SpShippingError:
            self.keep()

    def _sent(self, call: Call[T]) -> tuple[T, str | None]:
        reply = self._client.send(call)
        return reply.value, reply.meta.request_id

    def _step(self, label: SampleLabel, name: str, send: Callable[[], tuple[T, str | None]]) -> T:
        try:
            value, request_id = send()
        except SpShippingError as error:
            label.use_cases.append(_failed(name, error))
            raise
        label.use_cases.append(UseCase(name, _OPERATIONS[name], True, request_id))
        return value


def _label(kept: dict[str, Any]) -> SampleLabel:
    return SampleLabel(**{**kept, "use_cases": [UseCase(**each) for each in kept["use_cases"]]})


def _failed(name: str, error: Exception, request_id: str | None = None) -> UseCase:
    found = error.request_id if isinstance(error, AnsweredError) else request_id
    return UseCase(name, _OPERATIONS[name], False, found or request_id, f"{type(error).__name__}: {error}")


def _own_rate(quote: GetRatesResult, plan: Plan | None) -> Rate:
    """Return the cheapest rate of Amazon's own carrier; of the planned service, where there is a plan."""
    rates = [
        rate
        for rate in present(quote.rates)
        if is_amazon_carrier(rate.carrier_id)
        and not rate.requires_additional_inputs
        and (plan is None or rate.service_id == plan.service_id)
    ]
    if not rates:
        raise LabelSetError("there is no rate of Amazon's own carrier that can be bought without more inputs")
    rate = GetRatesResult(request_token=quote.request_token, rates=rates).cheapest()
    charge = rate.total_charge
    if plan is not None and (charge.unit != plan.unit or charge.value > plan.most):
        raise LabelSetError("the rate costs more now than was shown; begin again")
    return rate


def _ways(rate: Rate) -> Iterator[tuple[str, bool, tuple[str, ...]]]:
    """Yield each format and way of joining that a rate supports, with its types of document, each once."""
    seen = set()
    for format in _FORMATS:
        for specification in present(rate.supported_document_specifications):
            for option in present(specification.print_options) if specification.format == format else ():
                types = tuple(str(detail.name) for detail in present(option.supported_document_details))
                for is_joined in present(option.supported_file_joining_options):
                    if (format, is_joined) not in seen:
                        seen.add((format, is_joined))
                        yield format, is_joined, types
