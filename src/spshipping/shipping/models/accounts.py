"""The seller's own accounts with carriers: what a carrier asks for, and what is linked."""

from spshipping.shipping.models.parties import ClientReferenceDetail
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel


class AccountStatus(OpenEnum):
    """Whether a linked account can be used."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    PENDING = "PENDING"
    SUSPENDED = "SUSPENDED"


class AccountType(OpenEnum):
    """The kind of an account with a carrier."""

    SHIPPER_ACCOUNT = "SHIPPER_ACCOUNT"
    SHIPPER_ACCOUNT_WITH_INVOICE = "SHIPPER_ACCOUNT_WITH_INVOICE"
    """UPS only."""
    AMAZON_ACCOUNT = "AMAZON_ACCOUNT"
    """Amazon's own, used where the seller has linked none."""


class InputType(OpenEnum):
    """How a form shows an input."""

    TEXTBOX = "TEXTBOX"
    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a kind of input


@camel
class ValidationMetadata(Model):
    """One rule that an input must satisfy, with the message for what does not."""

    error_message: str | None = None
    validation_strategy: str | None = None
    value: str | None = None
    """What the strategy checks with, such as a regular expression."""


@camel
class CarrierAccountInput(Model):
    """One input of the form that links an account; its name is an `attribute_name` when linking."""

    description_localization_key: str | None = None
    name: str | None = None
    group_name: str | None = None
    input_type: InputType | None = None
    is_mandatory: bool | None = None
    is_confidential: bool | None = None
    is_hidden: bool | None = None
    validation_metadata: list[ValidationMetadata] | None = None


@camel
class LinkableAccountType(Model):
    """A kind of account that can be linked, and what a carrier asks for it."""

    account_type: AccountType | None = None
    carrier_account_inputs: list[CarrierAccountInput] | None = None


@camel
class LinkableCarrier(Model):
    """A carrier with which an account can be linked."""

    carrier_id: str | None = None
    linkable_account_types: list[LinkableAccountType] | None = None


@camel
class GetCarrierAccountFormInputsResponse(Model):
    """The forms of all carriers."""

    linkable_carriers_list: list[LinkableCarrier] | None = None


@camel
class GetCarrierAccountsRequest(Model):
    """Whose linked accounts to return; empty for those of the seller."""

    client_reference_details: list[ClientReferenceDetail] | None = None


@camel
class ActiveAccount(Model):
    """An account that is linked; in a request for rates it is a `CarrierAccount`."""

    account_id: str | None = None
    carrier_id: str | None = None


@camel
class GetCarrierAccountsResponse(Model):
    """The accounts that are linked."""

    active_accounts: list[ActiveAccount]


@camel(personal=("value",))
class CarrierAccountAttribute(Model):
    """The answer to one input of a carrier's form; its value may be a password, so repr hides it."""

    attribute_name: str | None = None
    property_group: str | None = None
    value: str | None = None


@camel
class LinkCarrierAccountRequest(Model):
    """The account to link, as the carrier's form asks for it."""

    client_reference_details: list[ClientReferenceDetail] | None = None
    carrier_account_type: str
    """An `AccountType`, as the form names it."""
    carrier_account_attributes: list[CarrierAccountAttribute]
    encrypted_carrier_account_attributes: list[CarrierAccountAttribute] | None = None


@camel
class LinkCarrierAccountResponse(Model):
    """The linked account, and whether it can be used yet."""

    registration_status: AccountStatus | None = None
    account_id: str | None = None


@camel
class UnlinkCarrierAccountRequest(Model):
    """Which account to unlink."""

    client_reference_details: list[ClientReferenceDetail] | None = None
    account_id: str | None = None


@camel
class UnlinkCarrierAccountResponse(Model):
    """Whether the account was unlinked."""

    is_unlinked: bool | None = None
