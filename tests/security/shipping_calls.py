"""What Amazon Shipping offers beside the parcel, as calls that are full of canaries."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from spshipping import Client
from spshipping.shipping import (
    CREATE_CLAIM,
    GENERATE_COLLECTION_FORM,
    GET_ACCESS_POINTS,
    GET_CARRIER_ACCOUNT_FORM_INPUTS,
    GET_CARRIER_ACCOUNTS,
    GET_COLLECTION_FORM,
    GET_COLLECTION_FORM_HISTORY,
    GET_UNMANIFESTED_SHIPMENTS,
    LINK_CARRIER_ACCOUNT,
    SUBMIT_NDR_FEEDBACK,
    UNLINK_CARRIER_ACCOUNT,
    AccessPointType,
    Address,
    CarrierAccountAttribute,
    ClaimReason,
    CreateClaimRequest,
    Currency,
    GenerateCollectionFormRequest,
    GetCarrierAccountsRequest,
    GetCollectionFormHistoryRequest,
    GetUnmanifestedShipmentsRequest,
    LinkCarrierAccountRequest,
    NdrAction,
    NdrRequestData,
    OneClickShipmentRequest,
    ServiceSelection,
    SettlementType,
    SubmitNdrFeedbackRequest,
    UnlinkCarrierAccountRequest,
)
from tests.security.canary import PERSONAL, SECRETS

Act = Callable[[], Any]
_CARRIER = "FEDEX"
_PATH = {"carrierId": _CARRIER}
_PLACE: dict[str, Any] = {
    "accessPointTypes": [AccessPointType.HELIX],
    "countryCode": "GB",
    "postalCode": PERSONAL["postal code"],
}
_ALL_ACCOUNTS = GetCarrierAccountsRequest()
_UNMANIFESTED = GetUnmanifestedShipmentsRequest()
_UNLINKED = UnlinkCarrierAccountRequest()


def _link() -> LinkCarrierAccountRequest:
    values = {"accountNumber": "510087", "password": SECRETS["carrier password"]}
    return LinkCarrierAccountRequest(
        carrier_account_type="SHIPPER_ACCOUNT",
        carrier_account_attributes=[
            CarrierAccountAttribute(attribute_name=name, value=value) for name, value in values.items()
        ],
    )


def _feedback(tracking_id: str) -> SubmitNdrFeedbackRequest:
    return SubmitNdrFeedbackRequest(
        tracking_id=tracking_id,
        ndr_action=NdrAction.REATTEMPT,
        ndr_request_data=NdrRequestData(additional_address_notes=PERSONAL["directions for use"]),
    )


def _claim(tracking_id: str) -> CreateClaimRequest:
    return CreateClaimRequest(
        tracking_id=tracking_id,
        declared_value=Currency(value=Decimal(10), unit="GBP"),
        claim_reason=ClaimReason.LOST_IN_TRANSIT,
        proofs=[PERSONAL["customized URL"]],
        settlement_type=SettlementType.REFUND,
    )


def calls_beside_parcels(
    client: Client, place: Address, quick: OneClickShipmentRequest, tracking_id: str
) -> dict[str, Act]:
    """Return every operation beside the parcel as a call that gives a Reply, and its facade's method.

    Args:
        client: sends them.
        place: where a carrier collects.
        quick: buys a parcel from there with one click.
        tracking_id: a parcel that was bought before.
    """
    api, link = client.shipping, _link()
    quick.ship_from, quick.service_selection = place, ServiceSelection(service_id=["FEDEX-UK-ECONOMY"])
    form = GenerateCollectionFormRequest(carrier_id=_CARRIER, ship_from_address=place)
    history = GetCollectionFormHistoryRequest(ship_from_address=place)
    feedback, claim = _feedback(tracking_id), _claim(tracking_id)
    return {
        "getCarrierAccountFormInputs": lambda: client.send(GET_CARRIER_ACCOUNT_FORM_INPUTS()),
        "linkCarrierAccount": lambda: client.send(LINK_CARRIER_ACCOUNT(path=_PATH, body=link)),
        "getCarrierAccounts": lambda: client.send(GET_CARRIER_ACCOUNTS(body=_ALL_ACCOUNTS)),
        "link_carrier_account": lambda: api.link_carrier_account(_CARRIER, link),
        "buy from the carrier": lambda: api.one_click_shipment(quick),
        "getUnmanifestedShipments": lambda: client.send(GET_UNMANIFESTED_SHIPMENTS(body=_UNMANIFESTED)),
        "get_unmanifested_shipments": lambda: api.get_unmanifested_shipments(_UNMANIFESTED),
        "generateCollectionForm": lambda: client.send(GENERATE_COLLECTION_FORM(body=form)),
        "buy another": lambda: api.one_click_shipment(quick),
        "generate_collection_form": lambda: api.generate_collection_form(form),
        "getCollectionFormHistory": lambda: client.send(GET_COLLECTION_FORM_HISTORY(body=history)),
        "get_collection_form_history": lambda: api.get_collection_form_history(history),
        "getCollectionForm": lambda: client.send(GET_COLLECTION_FORM(path={"collectionFormId": "none"})),
        "get_collection_form": lambda: api.get_collection_form("none"),
        "get_carrier_account_form_inputs": lambda: api.get_carrier_account_form_inputs(),
        "get_carrier_accounts": lambda: api.get_carrier_accounts(_ALL_ACCOUNTS),
        "update_linked_carrier_account": lambda: api.update_linked_carrier_account(_CARRIER, link),
        "unlinkCarrierAccount": lambda: client.send(UNLINK_CARRIER_ACCOUNT(path=_PATH, body=_UNLINKED)),
        "unlink_carrier_account": lambda: api.unlink_carrier_account(_CARRIER, _UNLINKED),
        "getAccessPoints": lambda: client.send(GET_ACCESS_POINTS(query=_PLACE)),
        "get_access_points": lambda: api.get_access_points(
            access_point_types=_PLACE["accessPointTypes"],
            country_code=_PLACE["countryCode"],
            postal_code=_PLACE["postalCode"],
        ),
        "submitNdrFeedback": lambda: client.send(SUBMIT_NDR_FEEDBACK(body=feedback)),
        "submit_ndr_feedback": lambda: api.submit_ndr_feedback(feedback),
        "createClaim": lambda: client.send(CREATE_CLAIM(body=claim)),
        "create_claim": lambda: api.create_claim(claim),
    }
