"""Where an answer is not written as it came, or is refused, on purpose; and why.

Every entry expires: a test fails as soon as nothing is like it any more.
"""

import re
from typing import NamedTuple

from tests.prism.compared import Change

EVERY = "*"


class Known(NamedTuple):
    """A difference that is meant."""

    operation: str
    """Or `*`, for every operation."""
    mode: str
    """`static` or `dynamic`."""
    kind: str
    path: str
    """A regular expression over the whole path, which has no numbers of list items."""
    why: str

    def fits(self, operation: str, mode: str, change: Change) -> bool:
        """Say whether this is the difference."""
        return (
            self.operation in (EVERY, operation)
            and (self.mode, self.kind) == (mode, change.kind)
            and re.fullmatch(self.path, change.path) is not None
        )


KNOWN: tuple[Known, ...] = (
    Known(
        EVERY,
        "dynamic",
        "instant",
        ".*",
        "a time is written in one form, whatever the form in which it came; it is the same instant",
    ),
    Known(
        "getRates",
        "static",
        "converted",
        r"rates\[\]\.rateItemList\[\]\.rateItemCharge\.value",
        "Amazon's example has a text where its model has a number; it is read, and written as a number",
    ),
    *(
        Known(
            operation,
            "static",
            "converted",
            r"packageDocumentDetails\[\]\.trackingId",
            "Amazon's example has a number where its model has a text; it is read, and written as a text",
        )
        for operation in ("oneClickShipment", "purchaseShipment")
    ),
    *(
        Known(
            operation,
            mode,
            "other",
            path,
            "what does not match the filters of the call is taken out, for Amazon ignores some at times",
        )
        for operation, path in (
            ("getPurchaseOrders", "orders"),
            ("getPurchaseOrdersStatus", "ordersStatus"),
        )
        for mode in ("static", "dynamic")
    ),
)


class Refused(NamedTuple):
    """An answer that is raised as an error although its status says success."""

    operation: str
    mode: str
    error: str
    has_errors: bool
    """The answer has `errors`, and no item of what was asked for."""
    why: str


REFUSED: tuple[Refused, ...] = (
    Refused(
        "getOrderItemsBuyerInfo",
        "static",
        "DecodeError",
        False,
        "Amazon's example is one entry of the list, without the list and the order around it",
    ),
    Refused(
        EVERY,
        "dynamic",
        "DecodeError",
        True,
        "an answer with errors, and without any item that was asked for, is an error",
    ),
    *(
        Refused(
            operation,
            "dynamic",
            "OutcomeUnknownError",
            True,
            "a deletion has nothing to answer: with errors, it may not have been carried out",
        )
        for operation in ("deleteDestination", "deleteSubscriptionById")
    ),
)


class Broken(NamedTuple):
    """What the sandbox answers otherwise than Amazon describes it."""

    operation: str
    text: str
    """A regular expression over what Prism says."""
    why: str


OF_THE_SANDBOX: tuple[Broken, ...] = tuple(
    Broken(
        "GetShipmentDetails",
        rf"must have required property '{name}'",
        "Amazon's own examples of this answer leave it out too, for it is about a request",
    )
    for name in ("transactionType", "transactionDate")
)
