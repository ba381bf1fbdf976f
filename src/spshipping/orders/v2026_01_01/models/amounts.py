"""What an order is worth to the seller, how it was paid, and its taxes."""

from decimal import Decimal
from typing import Annotated

from spshipping.orders.v2026_01_01.models.parties import CustomerAddress
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import AS_TEXT
from spshipping.wire.model import Model, camel


class ProceedsType(OpenEnum):
    """What a part of an order's proceeds is for."""

    ITEM = "ITEM"
    SHIPPING = "SHIPPING"
    GIFT_WRAP = "GIFT_WRAP"
    COD_FEE = "COD_FEE"
    TAX = "TAX"
    DISCOUNT = "DISCOUNT"
    DELIVERY_TIP = "DELIVERY_TIP"
    OTHER = "OTHER"


class ProceedsStatus(OpenEnum):
    """Whether an amount that is charged after checkout may still change."""

    PENDING = "PENDING"
    FINALIZED = "FINALIZED"


class TaxEntityType(OpenEnum):
    """Whose tax registration it is."""

    BUYER = "BUYER"
    MERCHANT = "MERCHANT"
    MARKETPLACE = "MARKETPLACE"


class TaxRegistrationType(OpenEnum):
    """The kind of a tax registration number."""

    BUSINESS = "BUSINESS"
    VAT = "VAT"
    CST = "CST"
    CPF = "CPF"
    CNPJ = "CNPJ"


class TaxRegistrationAttributeKey(OpenEnum):
    """What is said about a tax registration beside its number."""

    TAX_OFFICE = "TAX_OFFICE"


class BuyerInvoicePreference(OpenEnum):
    """The invoice that a buyer in Turkey wants."""

    INDIVIDUAL = "INDIVIDUAL"
    BUSINESS = "BUSINESS"


class InvoiceStatus(OpenEnum):
    """How far the electronic invoice of an order is."""

    NOT_REQUIRED = "NOT_REQUIRED"
    NOT_FOUND = "NOT_FOUND"
    PROCESSING = "PROCESSING"
    ERRORED = "ERRORED"
    ACCEPTED = "ACCEPTED"


@camel
class Money(Model):
    """An amount in a currency, as exact as Amazon wrote it."""

    amount: Annotated[Decimal, AS_TEXT]
    currency_code: str


@camel
class OrderProceedsBreakdown(Model):
    """The sum of one kind of proceeds of an order, over all its items."""

    type: ProceedsType
    status: ProceedsStatus | None = None
    """Only for what is charged after checkout, as a tip is."""
    subtotal: Money


@camel
class OrderProceeds(Model):
    """What the seller gets for an order, not what the buyer pays; comes with the dataset PROCEEDS."""

    grand_total: Money | None = None
    breakdowns: list[OrderProceedsBreakdown] | None = None


@camel(personal=("authorization_code",))
class PaymentExecution(Model):
    """One payment for an order."""

    payment_method: str | None = None
    """Amazon's name for it: `CreditCard`, `Invoice`, `CashOnDelivery`."""
    payment_amount: Money | None = None
    acquirer_id: str | None = None
    """This and the next two: in Brazil only."""
    card_brand: str | None = None
    authorization_code: str | None = None


@camel
class OrderPayment(Model):
    """How an order was paid; comes with the dataset PAYMENT."""

    payment_executions: list[PaymentExecution] | None = None


@camel(personal=("value",))
class TaxRegistrationAttribute(Model):
    """One thing said about a tax registration."""

    key: TaxRegistrationAttributeKey | None = None
    value: str | None = None


@camel(personal=("legal_name", "tax_registration_number"))
class OrderTaxRegistration(Model):
    """A tax registration of the buyer, the merchant or the marketplace."""

    entity_type: TaxEntityType | None = None
    legal_name: str | None = None
    tax_registration_type: TaxRegistrationType | None = None
    tax_registration_number: str | None = None
    tax_registration_address: CustomerAddress | None = None
    tax_registration_attributes: list[TaxRegistrationAttribute] | None = None


@camel
class OrderTaxInvoicing(Model):
    """Which invoice the buyer prefers, and its state."""

    buyer_invoice_preference: BuyerInvoicePreference | None = None
    """In Turkey only."""
    invoice_status: InvoiceStatus | None = None
    """For Easy Ship orders and in Brazil only."""


@camel
class OrderTax(Model):
    """Tax matters of an order; comes with the dataset TAX."""

    tax_registrations: list[OrderTaxRegistration] | None = None
    tax_invoicing: OrderTaxInvoicing | None = None
