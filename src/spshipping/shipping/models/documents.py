"""Labels and other documents: what can be requested, and what is returned."""

from collections.abc import Iterable
from decimal import Decimal
from os import PathLike
from pathlib import Path
from typing import ClassVar, TypeVar

from spshipping.secret import discreet
from spshipping.shipping.models import files
from spshipping.shipping.models.parcels import LengthUnit
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel

T = TypeVar("T")


def present(items: Iterable[T | None] | None) -> list[T]:
    """Return what is there of a list that a repaired answer may lack, in whole or in part."""
    return [item for item in items or () if item is not None]


class DocumentFormat(OpenEnum):
    """The file format of a document."""

    PDF = "PDF"
    PNG = "PNG"
    ZPL = "ZPL"


class DocumentType(OpenEnum):
    """What a document is for."""

    PACKSLIP = "PACKSLIP"
    LABEL = "LABEL"
    RECEIPT = "RECEIPT"
    CUSTOM_FORM = "CUSTOM_FORM"


class LabelAttribute(OpenEnum):
    """What can be printed on a label beside the addresses; its text comes from the request for rates."""

    PACKAGE_CLIENT_REFERENCE_ID = "PACKAGE_CLIENT_REFERENCE_ID"
    SELLER_DISPLAY_NAME = "SELLER_DISPLAY_NAME"
    COLLECT_ON_DELIVERY_AMOUNT = "COLLECT_ON_DELIVERY_AMOUNT"


@camel
class RequestedLabelCustomization(Model):
    """What else a label should show."""

    request_attributes: list[LabelAttribute] | None = None


@camel(personal=("contents",))
class PackageDocument(Model):
    """One document of one package; what it holds is personal, for a label shows addresses."""

    type: DocumentType
    format: DocumentFormat
    contents: str
    """Base64; `data` decodes it."""

    @property
    def data(self) -> bytes:
        """The file itself.

        Raises:
            DecodeError: there is none, or it is not what `format` says; the shipment is bought all the same.
        """
        return files.decoded(getattr(self, "contents", None), getattr(self, "format", None))

    @discreet
    def save(self, path: str | PathLike[str]) -> Path:
        """Write the file, readable by its owner only and safe on the disk, and return where it is.

        Args:
            path: a file, which is replaced in one step, and whose parent folders are made; or a folder that
                exists, where the file is named after its type and format (`LABEL.pdf`, then `LABEL-2.pdf`)
                and replaces nothing.

        Raises:
            DecodeError: as for `data`; nothing is written.
            OSError: the disk refused.
        """
        name = files.named_after(getattr(self, "type", None), getattr(self, "format", None))
        return files.save(Path(path), name, self.data)


@camel
class DocumentSize(Model):
    """The measures of a printed document."""

    width: Decimal
    length: Decimal
    unit: LengthUnit


@camel
class SupportedDocumentDetail(Model):
    """A type of document that a service offers, or insists on."""

    name: DocumentType
    is_mandatory: bool


@camel(supported_dpis="supportedDPIs")
class PrintOption(Model):
    """One way in which a document can be printed."""

    supported_dpis: list[int] | None = None
    supported_page_layouts: list[str]
    supported_file_joining_options: list[bool]
    supported_document_details: list[SupportedDocumentDetail]


@camel
class SupportedDocumentSpecification(Model):
    """A format and size that a service offers, with the ways to print it."""

    format: DocumentFormat
    size: DocumentSize
    print_options: list[PrintOption]


@camel
class RequestedDocumentSpecification(Model):
    """The documents to print; for a rate, one of the combinations that the rate supports."""

    format: DocumentFormat
    size: DocumentSize
    dpi: int | None = None
    page_layout: str | None = None
    need_file_joining: bool
    """True for one file with all documents, False for a file each."""
    requested_document_types: list[DocumentType]
    requested_label_customization: RequestedLabelCustomization | None = None


@camel
class PackageDocumentDetail(Model):
    """A package that was bought: its documents and its tracking id."""

    package_client_reference_id: str
    package_documents: list[PackageDocument]
    tracking_id: str | None = None


class Documented(Model):
    """An answer with documents: one way in, whatever Amazon calls the field that holds the packages."""

    __slots__ = ()

    __packages__: ClassVar[str]

    @property
    def _packages(self) -> list[PackageDocumentDetail]:
        found = getattr(self, self.__packages__, None)
        return present(found if isinstance(found, list) else [found])

    @property
    def documents(self) -> list[PackageDocument]:
        """The documents of all packages."""
        return [document for package in self._packages for document in present(package.package_documents)]

    @property
    def labels(self) -> list[PackageDocument]:
        """The labels of all packages."""
        return [
            document for document in self.documents if getattr(document, "type", None) == DocumentType.LABEL
        ]

    @property
    def package_references(self) -> list[str]:
        """The client reference ids of all packages: `get_shipment_documents` needs them."""
        found = (getattr(package, "package_client_reference_id", None) for package in self._packages)
        return present(found)

    @property
    def tracking_id(self) -> str | None:
        """The tracking id of the first package that has one."""
        return next((package.tracking_id for package in self._packages if package.tracking_id), None)
