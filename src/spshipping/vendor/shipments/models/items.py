"""What is in a shipment, and in each of its cartons and pallets."""

from typing import Annotated

from spshipping.vendor.shipments.models.imports import HandlingCode
from spshipping.vendor.shipments.models.measures import Expiry, ItemQuantity, Money
from spshipping.wire.enums import OpenEnum
from spshipping.wire.limits import Pattern
from spshipping.wire.model import Model, camel


class LotNumberSourceType(OpenEnum):
    """What identifies the place where a lot got its number."""

    GLN = "GLN"
    """A Global Location Number of GS1."""
    FFRN = "FFRN"
    """A registration of a food facility at the FDA."""
    USDA_E = "USDA_E"
    """An establishment under inspection by the USDA."""
    URL = "URL"


class ContainerIdentificationType(OpenEnum):
    """What identifies a carton or a pallet."""

    SSCC = "SSCC"
    """The Serial Shipping Container Code of GS1."""
    AMZNCC = "AMZNCC"
    """Made by Amazon, for small vendors."""
    GTIN = "GTIN"
    """A Global Trade Item Number of GS1."""
    BPS = "BPS"
    """A barcode of a packing slip."""
    CID = "CID"
    """A container of an import."""


@camel
class RegulationReferences(Model):
    """What the EU Deforestation Regulation asks for."""

    due_diligence_reference: str | None = None
    """The number of the due diligence statement."""
    due_diligence_verification: str | None = None
    due_diligence_information: str | None = None
    due_diligence_exemption_code: str | None = None


@camel
class ItemDetails(Model):
    """What holds for an item, or for a part of it in one carton or pallet."""

    purchase_order_number: str | None = None
    """Needed here, or on the items of each carton or pallet."""
    lot_number: str | None = None
    """Perishable goods need it."""
    lot_number_source_reference: str | None = None
    """Goes with `lot_number_source_type`; for Section 204 of the FDA's food safety act."""
    lot_number_source_type: LotNumberSourceType | None = None
    country_of_origin: Annotated[str, Pattern("^[A-Z]{2}$")] | None = None
    """Two capital letters."""
    regulation_references: RegulationReferences | None = None
    expiry: Expiry | None = None
    """Perishable goods need it."""
    maximum_retail_price: Money | None = None
    handling_code: HandlingCode | None = None


@camel
class PackageItemDetails(Model):
    """What holds for an item in a container of a transportation request."""

    purchase_order_number: str | None = None
    lot_number: str | None = None
    expiry: Expiry | None = None


@camel
class Item(Model):
    """An item of a shipment confirmation."""

    item_sequence_number: str
    """The shipment's own numbering: not that of the purchase order."""
    amazon_product_identifier: str | None = None
    """The ASIN."""
    vendor_product_identifier: str | None = None
    """As in the purchase order."""
    shipped_quantity: ItemQuantity
    item_details: ItemDetails | None = None


@camel
class ContainerIdentification(Model):
    """What is printed on a carton or a pallet to identify it."""

    container_identification_type: ContainerIdentificationType
    container_identification_number: str
    """Of an SSCC, the same digits as on the label: `00` and eighteen more."""


@camel
class ContainerItem(Model):
    """How much of an item is in a carton or on a pallet."""

    item_reference: str
    """The `item_sequence_number` of an item of the shipment."""
    shipped_quantity: ItemQuantity
    item_details: ItemDetails | None = None


@camel
class PurchaseOrderItems(Model):
    """An item of a transportation request, under its purchase order."""

    item_sequence_number: str
    buyer_product_identifier: str | None = None
    vendor_product_identifier: str | None = None
    shipped_quantity: ItemQuantity
    maximum_retail_price: Money | None = None


@camel
class PackedItems(Model):
    """An item in a container of a transportation request."""

    item_sequence_number: str | None = None
    buyer_product_identifier: str | None = None
    vendor_product_identifier: str | None = None
    packed_quantity: ItemQuantity | None = None
    item_details: PackageItemDetails | None = None
