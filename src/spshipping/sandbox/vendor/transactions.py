"""Submissions: they are taken at once, worked on later, and then they are applied or have failed."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from random import Random
from typing import NamedTuple

from spshipping.sandbox.clock import write_time
from spshipping.sandbox.json_objects import Json
from spshipping.sandbox.operations import ApiRequest
from spshipping.sandbox.refusals import invalid_input
from spshipping.sandbox.vendor.agenda import Agenda
from spshipping.sandbox.vendor.generate import PurchaseOrderSupply


class Fault(NamedTuple):
    """Why a submission failed."""

    code: str
    message: str
    details: str = ""

    def as_json(self) -> Json:
        """Return it in Amazon's form."""
        return self._asdict()


Work = Callable[[Mapping[str, object], int], Iterable[Fault]]
"""Applies a submission at a time, or returns why it cannot be applied; then nothing of it is."""


class Transaction:
    """One submission."""

    def __init__(self, id_: str) -> None:
        self.id = id_
        self.status = "Processing"
        self.faults: list[Fault] = []

    def as_json(self) -> Json:
        """Return it in Amazon's form."""
        errors = {"errors": [fault.as_json() for fault in self.faults]} if self.faults else {}
        return {"transactionStatus": {"transactionId": self.id, "status": self.status, **errors}}


class Transactions:
    """The submissions of one vendor."""

    def __init__(self, agenda: Agenda, supply: PurchaseOrderSupply, seed: str) -> None:
        self._agenda = agenda
        self._supply = supply
        self._chance = Random(f"{seed}/transactions")  # noqa: S311 - not for secrets
        self._found: dict[str, Transaction] = {}

    def submit(self, request: ApiRequest, now: int, work: Work, *, reports: bool) -> Transaction:
        """Take a submission.

        Args:
            request: what is submitted.
            now: the time.
            work: is called when Amazon works on it.
            reports: whether it reaches `Success`; an acknowledgement does not, and stays `Processing`.
        """
        digits = f"{self._chance.getrandbits(128):032x}"
        name = "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
        stamp = "".join(filter(str.isdecimal, write_time(now)))
        transaction = self._found[f"{stamp}-{name}"] = Transaction(f"{stamp}-{name}")
        if self._chance.random() >= self._supply.lost:
            ends_well = "Success" if reports and self._supply.has_success else transaction.status
            due = partial(_work_on, transaction, work, request.body, ends_well)
            self._agenda.add(now + int(self._supply.processing), due)
        return transaction

    def find(self, id_: str) -> Transaction:
        """Return a submission.

        Raises:
            RefusedError: there is none of this id.
        """
        if id_ not in self._found:
            raise invalid_input("Invalid transmission ID.")
        return self._found[id_]


def _work_on(
    transaction: Transaction, work: Work, body: Mapping[str, object], ends_well: str, time: int
) -> None:
    transaction.faults = list(work(body, time))
    transaction.status = "Failure" if transaction.faults else ends_well
