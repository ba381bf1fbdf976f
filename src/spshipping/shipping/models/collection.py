"""Collection forms: what a driver signs when a third-party carrier collects the day's parcels."""

from datetime import datetime
from os import PathLike
from pathlib import Path

from spshipping.secret import discreet
from spshipping.shipping.models import files
from spshipping.shipping.models.parties import Address, ClientReferenceDetail
from spshipping.wire.enums import OpenEnum
from spshipping.wire.model import Model, camel

_ADVICE = "the form exists; call get_collection_form for it, with the id from get_collection_form_history"


class GenerationStatus(OpenEnum):
    """Whether a collection form can be printed yet."""

    COMPLETED = "Completed"
    IN_PROGRESS = "InProgress"


@camel
class DateRange(Model):
    """The first and the last moment of a span."""

    start_date: datetime | None = None
    end_date: datetime | None = None


@camel(personal=("base64_encoded_content",))
class CollectionsFormDocument(Model):
    """A collection form as a file; what it holds is personal, for it shows addresses."""

    base64_encoded_content: str | None = None
    """Base64; `data` decodes it."""
    document_format: str | None = None
    """A media type: `application/pdf`."""

    @property
    def data(self) -> bytes:
        """The file itself.

        Raises:
            DecodeError: there is none, or it is no PDF although it says so.
        """
        format = "PDF" if (self.document_format or "").lower().endswith("pdf") else None
        return files.decoded(self.base64_encoded_content, format, _ADVICE)

    @discreet
    def save(self, path: str | PathLike[str]) -> Path:
        """Write the file, readable by its owner only and safe on the disk, and return where it is.

        Args:
            path: a file, which is replaced in one step, and whose parent folders are made; or a folder that
                exists, where the file is named `COLLECTION_FORM.pdf`, then `COLLECTION_FORM-2.pdf`, and
                replaces nothing.

        Raises:
            DecodeError: as for `data`; nothing is written.
            OSError: the disk refused.
        """
        suffix = (self.document_format or "").rpartition("/")[2]
        return files.save(Path(path), files.named_after("COLLECTION_FORM", suffix), self.data)


@camel
class GenerateCollectionFormRequest(Model):
    """The carrier that collects, and where."""

    client_reference_details: list[ClientReferenceDetail] | None = None
    carrier_id: str
    ship_from_address: Address | None = None


@camel
class GenerateCollectionFormResponse(Model):
    """The form, where it is ready; one that is not is in the history, as InProgress."""

    collections_form_document: CollectionsFormDocument | None = None


@camel
class GetCollectionFormHistoryRequest(Model):
    """Which forms to list."""

    client_reference_details: list[ClientReferenceDetail] | None = None
    max_results: int | None = None
    carrier_id: str | None = None
    ship_from_address: Address | None = None
    date_range: DateRange | None = None


@camel
class CollectionFormsHistoryRecord(Model):
    """One form that was generated."""

    carrier_name: str | None = None
    creation_date: datetime | None = None
    generation_status: GenerationStatus | None = None
    collection_form_id: str | None = None
    ship_from_address: Address | None = None


@camel
class GetCollectionFormHistoryResponse(Model):
    """The forms that were generated."""

    collection_forms_history_record_list: list[CollectionFormsHistoryRecord] | None = None
    last_refreshed_date: str | None = None
    """Prose, such as `April 17 2022 06:20 PM PDT`."""


@camel
class GetUnmanifestedShipmentsRequest(Model):
    """Whose shipments to look through; empty for those of the seller."""

    client_reference_details: list[ClientReferenceDetail] | None = None


@camel
class UnmanifestedShipmentLocation(Model):
    """A place with shipments that are on no collection form yet."""

    address: Address | None = None
    last_manifest_date: datetime | None = None


@camel
class UnmanifestedCarrierInformation(Model):
    """A carrier with shipments that are on no collection form yet, and where they are."""

    carrier_id: str | None = None
    carrier_name: str | None = None
    unmanifested_shipment_location_list: list[UnmanifestedShipmentLocation] | None = None


@camel
class GetUnmanifestedShipmentsResponse(Model):
    """What is on no collection form yet, by carrier and place."""

    unmanifested_carrier_information_list: list[UnmanifestedCarrierInformation] | None = None


@camel
class GetCollectionFormResponse(Model):
    """The form, once more."""

    collections_form_document: CollectionsFormDocument | None = None
