"""Collects at the end of the day: a form for each third-party carrier and place, saved as files."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

from spshipping.errors import InvalidRequestError, OutcomeUnknownError, SpShippingError
from spshipping.facade import Context
from spshipping.shipping.collection_files import FormOperations, FormsOfDay, Wish, forms_of_day, mark, place
from spshipping.shipping.models.collection import (
    CollectionFormsHistoryRecord,
    CollectionsFormDocument,
    DateRange,
    GenerateCollectionFormRequest,
    GenerationStatus,
    GetCollectionFormHistoryRequest,
    GetUnmanifestedShipmentsRequest,
)
from spshipping.shipping.models.documents import present
from spshipping.shipping.models.parties import Address
from spshipping.shipping.tracking.many import is_amazon_carrier

WAIT = 300.0
"""Seconds for which forms are waited for, where nothing else is said."""
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 30.0
_LAST = datetime.max.replace(tzinfo=UTC)

Listed = tuple[str | None, CollectionFormsHistoryRecord]
"""A record of the history, with its carrier's id, where that is known: the record has a name only."""


class CollectionStatus(str, Enum):
    """What came of a carrier and a place."""

    SAVED = "saved"
    IN_PROGRESS = "in_progress"
    """It is generated, and was not ready in time: the next call finds it."""
    NOTHING_TO_COLLECT = "nothing_to_collect"
    """All shipments are on a form; or it is Amazon's own carrier, which needs none."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What came of collecting for one carrier at one place."""

    status: CollectionStatus
    carrier_id: str | None = None
    """None for a form that was found in the history, which names carriers only."""
    carrier_name: str | None = None
    address: Address | None = field(default=None, repr=False)
    """Where it is collected."""
    form_id: str | None = None
    path: Path | None = None
    """The form as a file."""
    is_repeat: bool = False
    """Whether an earlier call had saved it."""
    has_more: bool = False
    """Whether shipments were bought there since; a collection with the next number is for these."""
    error: SpShippingError | None = field(default=None, repr=False)
    """Why it failed."""


class _Wanted:
    """A form of a carrier and a place that is wanted."""

    def __init__(self, carrier_id: str, name: str | None, address: Address | None, key: str) -> None:
        self.carrier_id, self.name, self.address, self.key = carrier_id, name, address, key
        self.document: CollectionsFormDocument | None = None
        self.error: SpShippingError | None = None
        self.is_found = False

    def is_waited_for(self) -> bool:
        """Return whether only the history can have it."""
        is_refused = self.error is not None and not isinstance(self.error, OutcomeUnknownError)
        return not (self.is_found or is_refused or self.document is not None)

    def is_of(self, carrier_id: str | None, record: CollectionFormsHistoryRecord) -> bool:
        """Return whether a record of the history is of this carrier and place."""
        if carrier_id is not None:
            is_carrier = carrier_id == self.carrier_id
        else:
            is_carrier = (record.carrier_name or "").casefold() == (self.name or "").casefold()
        there = record.ship_from_address
        return is_carrier and (there is None or self.address is None or place(there) == place(self.address))

    def result(self, status: CollectionStatus, **more: Any) -> Collected:
        """Return what came of it."""
        return Collected(
            status=status, carrier_id=self.carrier_id, carrier_name=self.name, address=self.address, **more
        )


async def collect(
    context: Context, operations: FormOperations, carriers: Collection[str] | None, wish: Wish
) -> list[Collected]:
    """Generate, wait for and save the forms of a day; see `ShippingApi.collect`."""
    forms = forms_of_day(context, operations, wish)
    if isinstance(carriers, str):
        raise InvalidRequestError("is a list of the ids of carriers", path="carriers")
    results = [_nothing(each) for each in carriers or () if is_amazon_carrier(each)]
    others = None if carriers is None else [each for each in carriers if not is_amazon_carrier(each)]
    if others == []:
        return results
    wanted: list[_Wanted] = []
    for each in await _unmanifested(forms, others):
        if is_amazon_carrier(each.carrier_id):
            results.append(each.result(CollectionStatus.NOTHING_TO_COLLECT))
        elif (path := await forms.saved(mark(each.key))) is not None:
            results.append(each.result(CollectionStatus.SAVED, path=path, is_repeat=True, has_more=True))
        else:
            await _generate(forms, each)
            wanted.append(each)
    known = {result.path for result in results}
    results += [
        each
        for each in await _History(forms, wanted, others).collected()
        if each.path not in known or each.path is None
    ]
    seen = {result.carrier_id for result in results}
    return results + [_nothing(each) for each in others or () if each not in seen]


def _nothing(carrier_id: str) -> Collected:
    return Collected(status=CollectionStatus.NOTHING_TO_COLLECT, carrier_id=carrier_id)


async def _unmanifested(forms: FormsOfDay, carriers: Sequence[str] | None) -> list[_Wanted]:
    call = forms.operations.unmanifested(body=GetUnmanifestedShipmentsRequest(), headers=forms.headers)
    answer = (await forms.context.sender.send(call, **forms.wish.options)).value
    return [
        _Wanted(
            carrier.carrier_id,
            carrier.carrier_name,
            there.address,
            forms.key(carrier.carrier_id, there.address),
        )
        for carrier in present(answer.unmanifested_carrier_information_list)
        for there in present(carrier.unmanifested_shipment_location_list)
        if carrier.carrier_id and (carriers is None or carrier.carrier_id in carriers)
    ]


async def _generate(forms: FormsOfDay, wanted: _Wanted) -> None:
    """Request a form. A failure is kept: the history may have the form all the same."""
    body = GenerateCollectionFormRequest(carrier_id=wanted.carrier_id, ship_from_address=wanted.address)
    call = forms.operations.generate(body=body, headers={**forms.headers, forms.operations.key: wanted.key})
    try:
        answer = (await forms.context.sender.send(call, **forms.wish.options)).value
    except SpShippingError as error:
        wanted.error = error
    else:
        wanted.document = answer.collections_form_document


class _History:
    """Looks through the history until all that is wanted is there, and saves what is not saved yet."""

    def __init__(self, forms: FormsOfDay, wanted: list[_Wanted], carriers: Sequence[str] | None) -> None:
        self._forms = forms
        self._wanted = wanted
        self._carriers = carriers
        self._owners: dict[str, _Wanted] = {}
        self._done: dict[str, Collected] = {}

    async def collected(self) -> list[Collected]:
        """Return what there is when all is there, or the time is over."""
        clock, io = self._forms.context.clock, self._forms.context.io
        end, pause = clock.monotonic() + self._forms.wish.wait, _FIRST_PAUSE
        while True:
            waiting = await self._look()
            is_open = bool(waiting) or any(each.is_waited_for() for each in self._wanted)
            remaining = end - clock.monotonic()
            if not is_open or remaining <= 0:
                break
            await io.sleep(min(pause, remaining))
            pause = min(2 * pause, _LONGEST_PAUSE)
        unlisted = [await self._unlisted(each) for each in self._wanted if not each.is_found]
        return [*self._done.values(), *waiting, *unlisted]

    async def _look(self) -> list[Collected]:
        """Save what is completed, and return what is in progress."""
        waiting: list[Collected] = []
        for carrier_id, record in await self._records():
            form_id = str(record.collection_form_id)
            if form_id in self._done:
                continue
            path = await self._forms.saved(self._forms.form_mark(form_id))
            owner = None if path else self._owner(form_id, carrier_id, record)
            known: dict[str, Any] = {
                "carrier_id": owner.carrier_id if owner else carrier_id,
                "carrier_name": record.carrier_name,
                "address": record.ship_from_address,
                "form_id": form_id,
            }
            if path is not None:
                self._done[form_id] = Collected(
                    status=CollectionStatus.SAVED, path=path, is_repeat=True, **known
                )
            elif record.generation_status != GenerationStatus.COMPLETED:
                waiting.append(Collected(status=CollectionStatus.IN_PROGRESS, **known))
            else:
                self._done[form_id] = await self._save(form_id, owner, known)
        return waiting

    def _owner(
        self, form_id: str, carrier_id: str | None, record: CollectionFormsHistoryRecord
    ) -> _Wanted | None:
        """Return what a record is of. The latest comes first, and is of the request of now."""
        if form_id not in self._owners:
            for each in self._wanted:
                if not each.is_found and each.is_of(carrier_id, record):
                    each.is_found, self._owners[form_id] = True, each
                    break
        return self._owners.get(form_id)

    async def _records(self) -> list[Listed]:
        """Return what was generated since the day began, the latest first."""
        forms, found = self._forms, list[Listed]()
        for carrier_id in self._carriers or (None,):
            body = GetCollectionFormHistoryRequest(
                carrier_id=carrier_id, date_range=DateRange(start_date=forms.start)
            )
            call = forms.operations.history(body=body, headers=forms.headers)
            answer = (await forms.context.sender.send(call, **forms.wish.options)).value
            found += [(carrier_id, each) for each in present(answer.collection_forms_history_record_list)]
        usable = [pair for pair in found if pair[1].collection_form_id and _time(pair) >= forms.start]
        return sorted(usable, key=_time, reverse=True)

    async def _save(self, form_id: str, owner: _Wanted | None, known: dict[str, Any]) -> Collected:
        forms = self._forms
        try:
            document = owner.document if owner else None
            if document is None:
                call = forms.operations.form(path={"collectionFormId": form_id}, headers=forms.headers)
                answer = (await forms.context.sender.send(call, **forms.wish.options)).value
                document = answer.collections_form_document or CollectionsFormDocument()
            carrier = known["carrier_id"] or known["carrier_name"]
            path = await forms.save(carrier, owner.key if owner else None, form_id, document)
        except SpShippingError as error:
            return Collected(status=CollectionStatus.FAILED, error=error, **known)
        return Collected(status=CollectionStatus.SAVED, path=path, **known)

    async def _unlisted(self, wanted: _Wanted) -> Collected:
        """Return what came of a form that the history does not have."""
        if wanted.document is not None:
            try:
                path = await self._forms.save(wanted.carrier_id, wanted.key, None, wanted.document)
            except SpShippingError as error:
                return wanted.result(CollectionStatus.FAILED, error=error)
            return wanted.result(CollectionStatus.SAVED, path=path)
        if wanted.error is not None:
            return wanted.result(CollectionStatus.FAILED, error=wanted.error)
        return wanted.result(CollectionStatus.IN_PROGRESS)


def _time(listed: Listed) -> datetime:
    return listed[1].creation_date or _LAST
