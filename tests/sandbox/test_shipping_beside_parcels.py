"""Accounts, collection forms and claims over the network, with answers that are lost."""

from decimal import Decimal

import pytest

from spshipping import BadRequestError, Client, InvalidRequestError, OutcomeUnknownError
from spshipping.sandbox import Sandbox
from spshipping.shipping import (
    AccessPointType,
    CarrierAccountAttribute,
    ClaimReason,
    CollectionFormsHistoryRecord,
    CreateClaimRequest,
    Currency,
    GenerateCollectionFormRequest,
    GenerationStatus,
    GetCarrierAccountsRequest,
    GetCollectionFormHistoryRequest,
    GetRatesRequest,
    GetUnmanifestedShipmentsRequest,
    LinkCarrierAccountRequest,
    NdrAction,
    SettlementType,
    SubmitNdrFeedbackRequest,
    UnlinkCarrierAccountRequest,
)


def link_request(client: Client) -> LinkCarrierAccountRequest:
    """Return FedEx' form, filled in."""
    forms = client.shipping.get_carrier_account_form_inputs().linkable_carriers_list or []
    (kind,) = next(form for form in forms if form.carrier_id == "FEDEX").linkable_account_types or []
    names = [each.name for each in kind.carrier_account_inputs or []]
    return LinkCarrierAccountRequest(
        carrier_account_type=str(kind.account_type),
        carrier_account_attributes=[
            CarrierAccountAttribute(attribute_name=name, value="510087") for name in names
        ],
    )


def ship(client: Client, order: GetRatesRequest, carrier_id: str) -> str:
    """Buy a shipment of this carrier, and return its tracking id."""
    quote = client.shipping.get_rates(order)
    rate = next(rate for rate in quote.rates if rate.carrier_id == carrier_id)
    bought = client.shipping.purchase_shipment(quote.purchase_request(rate, format="PNG"))
    return bought.tracking_id or ""


def test_an_account_is_linked_used_collected_for_and_unlinked(
    sandbox: Sandbox, client: Client, order: GetRatesRequest
) -> None:
    account_id = client.shipping.link_carrier_account("FEDEX", link_request(client)).account_id
    again = client.shipping.update_linked_carrier_account("FEDEX", link_request(client))
    assert again.account_id == account_id
    ship(client, order, "FEDEX")
    (carrier,) = (
        client.shipping.get_unmanifested_shipments(
            GetUnmanifestedShipmentsRequest()
        ).unmanifested_carrier_information_list
        or []
    )
    assert carrier.carrier_id == "FEDEX"

    sandbox.add_fault("generateCollectionForm", "drop_after")
    form = client.shipping.generate_collection_form(GenerateCollectionFormRequest(carrier_id="FEDEX"))
    assert form.collections_form_document is None
    (record,) = history(client)
    assert record.generation_status == GenerationStatus.IN_PROGRESS
    sandbox.clock.advance(30)
    (record,) = history(client)
    assert record.generation_status == GenerationStatus.COMPLETED
    document = client.shipping.get_collection_form(record.collection_form_id or "").collections_form_document
    assert document is not None
    assert document.data.startswith(b"%PDF-")

    unlink = UnlinkCarrierAccountRequest(account_id=account_id)
    sandbox.add_fault("unlinkCarrierAccount", "drop_after")
    assert client.shipping.unlink_carrier_account("FEDEX", unlink).is_unlinked
    assert client.shipping.get_carrier_accounts(GetCarrierAccountsRequest()).active_accounts == []


def history(client: Client) -> list[CollectionFormsHistoryRecord]:
    """Return the history of collection forms."""
    found = client.shipping.get_collection_form_history(GetCollectionFormHistoryRequest())
    return found.collection_forms_history_record_list or []


@pytest.mark.parametrize("operation", ["link_carrier_account", "update_linked_carrier_account"])
def test_a_link_whose_answer_is_lost_is_not_sent_again(
    sandbox: Sandbox, client: Client, operation: str
) -> None:
    request = link_request(client)
    sandbox.add_fault("linkCarrierAccount", "drop_after")
    with pytest.raises(OutcomeUnknownError):
        getattr(client.shipping, operation)("FEDEX", request)
    assert sandbox.ledger.count("linkCarrierAccount") == 1


def test_a_claim_whose_answer_is_lost_is_made_once(
    sandbox: Sandbox, client: Client, order: GetRatesRequest
) -> None:
    tracking_id = ship(client, order, "AMZN_UK")
    claim = CreateClaimRequest(
        tracking_id=tracking_id,
        declared_value=Currency(value=Decimal(10), unit="GBP"),
        claim_reason=ClaimReason.LOST_IN_TRANSIT,
        settlement_type=SettlementType.REFUND,
    )
    sandbox.add_fault("createClaim", "drop_after")
    assert client.shipping.create_claim(claim).claim_id is None
    assert sandbox.ledger.count("createClaim", 400) == 1
    with pytest.raises(BadRequestError, match="already exists"):
        client.shipping.create_claim(claim)


def test_feedback_turns_a_parcel_back(sandbox: Sandbox, client: Client, order: GetRatesRequest) -> None:
    tracking_id = ship(client, order, "AMZN_UK")
    feedback = SubmitNdrFeedbackRequest(tracking_id=tracking_id, ndr_action=NdrAction.RTO)
    client.shipping.submit_ndr_feedback(feedback)
    sandbox.clock.advance(24 * 3600)
    assert client.shipping.get_tracking(tracking_id=tracking_id, carrier_id="AMZN_UK").is_returned


def test_an_access_point_is_found(client: Client) -> None:
    found = client.shipping.get_access_points(
        access_point_types=[AccessPointType.HELIX], country_code="GB", postal_code="E1 6AN"
    )
    (nearest, *_) = found.access_points_map["HELIX"]
    assert nearest.accessibility_attributes is not None
    assert nearest.accessibility_attributes.drive_time == 2
    assert nearest.standard_operating_hours is not None
    assert nearest.standard_operating_hours["MONDAY"].opening_time is not None


def test_additional_inputs_that_break_the_schema_are_refused_before_the_purchase(
    sandbox: Sandbox, client: Client, order: GetRatesRequest
) -> None:
    order.packages[0].is_hazmat = True
    quote = client.shipping.get_rates(order)
    rate = quote.cheapest()
    client.shipping.get_additional_inputs(request_token=quote.request_token, rate_id=rate.rate_id)

    def buy(phone: str) -> str:
        inputs = {"emergencyContactPhone": phone}
        request = quote.purchase_request(rate, format="PNG", additional_inputs=inputs)
        return client.shipping.purchase_shipment(request).shipment_id

    with pytest.raises(InvalidRequestError) as caught:
        buy("0170")
    assert caught.value.path == "additional_inputs.emergencyContactPhone"
    assert sandbox.ledger.count("purchaseShipment") == 0
    assert buy("020 7946 0000")
