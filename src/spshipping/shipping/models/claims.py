"""What is said to Amazon about a parcel that went wrong: feedback on a delivery that failed, and claims."""

from datetime import datetime
from typing import Annotated

from spshipping.shipping.models.parcels import Currency
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Length
from spshipping.wire.model import Model, camel


class NdrAction(OpenEnum):
    """What to do with a parcel that could not be delivered."""

    RESCHEDULE = "RESCHEDULE"
    """Needs a `reschedule_date`."""
    REATTEMPT = "REATTEMPT"
    """Needs `additional_address_notes`."""
    RTO = "RTO"
    """Return to origin."""


class ClaimReason(OpenEnum):
    """Why a claim is made."""

    LOST_IN_TRANSIT = "LOST_IN_TRANSIT"
    DAMAGED_IN_TRANSIT = "DAMAGED_IN_TRANSIT"
    DELIVERED_NOT_RECEIVED = "DELIVERED_NOT_RECEIVED"
    ITEM_MISSING_SWITCHEROO = "ITEM_MISSING_SWITCHEROO"
    """Delivered, but the content is missing or another."""
    COD_ABUSE = "COD_ABUSE"
    """Cash was collected, and the parcel was marked as rejected."""


class SettlementType(OpenEnum):
    """What a claim asks for."""

    REFUND = "REFUND"
    """The value of the items."""
    CERTIFICATE_OF_FACT = "CERTIFICATE_OF_FACT"


@camel(personal=("additional_address_notes",))
class NdrRequestData(Model):
    """What an action needs."""

    reschedule_date: datetime | None = None
    additional_address_notes: Annotated[str, Length(0, 256)] | None = None


@camel
class SubmitNdrFeedbackRequest(Model):
    """What to do with which parcel."""

    tracking_id: str
    ndr_action: NdrAction
    ndr_request_data: NdrRequestData | None = None


@camel(personal=("proofs",))
class CreateClaimRequest(Model):
    """The parcel, what went wrong, and what is asked for."""

    tracking_id: str
    declared_value: Currency | None = None
    """Needed unless the channel is Amazon."""
    claim_reason: ClaimReason
    is_replacement_package_sent: bool | None = None
    """For orders of Amazon only."""
    proofs: list[str] | None = None
    """URLs of documents and pictures."""
    settlement_type: SettlementType


@camel
class CreateClaimResponse(Model):
    """The claim."""

    claim_id: str | None = None
    """None where Amazon says that there is one already, and not which."""
