"""Orders that a qualified person must approve: what the buyer stated, and the verdict."""

from datetime import datetime
from typing import Annotated

from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Range
from spshipping.wire.model import Model, camel, pascal

_MOST = 2**31 - 1


class VerificationStatus(OpenEnum):
    """How the review of an order stands."""

    PENDING = "Pending"
    APPROVED = "Approved"
    REJECTED = "Rejected"
    EXPIRED = "Expired"
    CANCELLED = "Cancelled"


class FieldType(OpenEnum):
    """Whether an answer is text, or the address of a file."""

    TEXT = "Text"
    FILE_ATTACHMENT = "FileAttachment"


@pascal(personal=("field_value",))
class RegulatedInformationField(Model):
    """One answer of the buyer's: about a prescription, say, or a pet."""

    field_id: str
    field_label: str
    field_type: FieldType
    field_value: str


@pascal
class RegulatedInformation(Model):
    """All that the buyer stated."""

    fields: list[RegulatedInformationField]


@pascal
class RejectionReason(Model):
    """Why an order is rejected, or may be."""

    rejection_reason_id: str
    rejection_reason_description: str


@pascal
class ValidVerificationDetail(Model):
    """Which further details Amazon takes, and at which status of the review."""

    verification_detail_type: str
    """A field of `VerificationDetails`, such as `prescriptionDetail`."""
    valid_verification_statuses: list[VerificationStatus]


@pascal
class ValidInterimStatusCode(Model):
    """A word for the progress of a review, and what the buyer reads."""

    status_code: str
    status_description: str


@pascal(personal=("external_reviewer_id",))
class RegulatedOrderVerificationStatus(Model):
    """How the review stands, and what may be said next."""

    status: VerificationStatus
    requires_merchant_action: bool
    valid_rejection_reasons: list[RejectionReason]
    rejection_reason: RejectionReason | None = None
    review_date: datetime | None = None
    external_reviewer_id: str | None = None
    valid_verification_details: list[ValidVerificationDetail] | None = None
    valid_interim_status_codes: list[ValidInterimStatusCode] | None = None


@pascal
class OrderRegulatedInfo(Model):
    """What a regulated order states, and how its review stands."""

    amazon_order_id: str
    regulated_information: RegulatedInformation
    requires_dosage_label: bool
    regulated_order_verification_status: RegulatedOrderVerificationStatus


@camel(personal=("prescription_id", "clinic_id", "usage_instructions"))
class PrescriptionDetail(Model):
    """The prescription behind an approved order; Amazon takes one for each order."""

    prescription_id: str
    expiration_date: datetime
    written_quantity: Annotated[int, Range(1, _MOST)]
    """Units in each fill."""
    total_refills_authorized: Annotated[int, Range(0, _MOST)]
    refills_remaining: Annotated[int, Range(0, _MOST)]
    """Once this order is filled: ten of ten at the first order, none at the eleventh."""
    clinic_id: str
    usage_instructions: str


@camel
class ApprovedAttribute(Model):
    """What the buyer chose, and what would be approved instead."""

    attribute_name: str
    """`asin`, or `petWeight`."""
    original_value: str
    approved_value: str


@camel
class InterimStatusDetail(Model):
    """How far the review of a pending order is."""

    status_code: str
    """One of the order's `valid_interim_status_codes`."""
    status_date_time: datetime


@camel
class VerificationDetails(Model):
    """More about a review; which of them Amazon takes depends on its status."""

    prescription_detail: PrescriptionDetail | None = None
    approved_alternative_details: list[ApprovedAttribute] | None = None
    interim_status_detail: InterimStatusDetail | None = None


@camel(personal=("external_reviewer_id",))
class UpdateVerificationStatusRequestBody(Model):
    """The verdict on a regulated order, or more about it."""

    status: VerificationStatus | None = None
    """Approved or Rejected; None leaves it as it is."""
    external_reviewer_id: str
    rejection_reason_id: str | None = None
    """Needed to reject: one of the order's `valid_rejection_reasons`."""
    verification_details: VerificationDetails | None = None


@camel
class UpdateVerificationStatusRequest(Model):
    """The verdict, in the wrapping that Amazon wants."""

    regulated_order_verification_status: UpdateVerificationStatusRequestBody
