"""From a rate to the request that buys it."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping.errors import InvalidRequestError
from spshipping.shipping import (
    DocumentFormat,
    DocumentType,
    GetRatesResult,
    LabelAttribute,
    PrintOption,
    PurchaseShipmentRequest,
    Rate,
    RequestedLabelCustomization,
    SupportedDocumentSpecification,
)
from spshipping.wire.convert import encode_request, loads
from spshipping.wire.model import replace, reveal
from tests.unit.shipping.build import (
    NOON,
    detail,
    group,
    inches,
    law,
    offered,
    option,
    quote,
    rate,
    specification,
)

LABEL, PACKSLIP, RECEIPT = DocumentType.LABEL, DocumentType.PACKSLIP, DocumentType.RECEIPT
PDF, PNG = DocumentFormat.PDF, DocumentFormat.PNG


def buy(own: Rate, **wishes: Any) -> PurchaseShipmentRequest:
    return quote(own).purchase_request(own, **{"format": PDF, **wishes})


def printing(*specifications: SupportedDocumentSpecification) -> Rate:
    return rate(supported_document_specifications=list(specifications))


def test_the_request_names_the_quote_and_its_time() -> None:
    request = buy(rate())
    assert (request.request_token, request.rate_id, request.quoted_at) == ("token", "rate-1", NOON)
    assert request.requested_value_added_services is None
    assert request.additional_inputs is None


def test_what_is_left_open_is_the_first_that_the_rate_supports() -> None:
    spec = buy(rate()).requested_document_specification
    assert (spec.format, spec.size, spec.dpi, spec.page_layout) == (PDF, inches(), 300, "DEFAULT")
    assert (spec.need_file_joining, spec.requested_document_types) == (False, [LABEL])
    assert spec.requested_label_customization is None


def test_what_is_asked_is_taken_from_what_the_rate_supports() -> None:
    joined = option(
        supported_file_joining_options=[False, True],
        supported_document_details=[detail(LABEL, is_mandatory=True), detail(PACKSLIP), detail(RECEIPT)],
    )
    small, large = offered(PNG, option(), size=inches(2, 3)), offered(PNG, option(), joined)
    shows = RequestedLabelCustomization(request_attributes=[LabelAttribute.SELLER_DISPLAY_NAME])
    spec = buy(
        printing(offered(PDF), small, large),
        format="PNG",
        size=inches(),
        dpi=203,
        page_layout="LEFT",
        needs_file_joining=True,
        document_types=["PACKSLIP", LABEL],
        label_customization=shows,
    ).requested_document_specification
    assert (spec.format, spec.size, spec.dpi, spec.page_layout) == (PNG, inches(), 203, "LEFT")
    assert (spec.need_file_joining, spec.requested_document_types) == (True, [LABEL, PACKSLIP])
    assert spec.requested_label_customization is shows


def test_all_that_is_asked_is_found_in_one_print_option() -> None:
    coarse = option(supported_dpis=[203], supported_page_layouts=["LEFT"])
    fine = option(supported_dpis=[300], supported_page_layouts=["DEFAULT"])
    own = printing(offered(PDF, coarse, fine))
    assert buy(own, dpi=300).requested_document_specification.page_layout == "DEFAULT"
    with pytest.raises(InvalidRequestError, match=r"page_layout: .*supports: DEFAULT$"):
        buy(own, dpi=300, page_layout="LEFT")


@pytest.mark.parametrize(
    ("wishes", "says"),
    [
        ({"format": "ZPL"}, r"^format: .*supports: PDF, PNG$"),
        ({"format": "pdf"}, r"^format: .*supports: PDF, PNG$"),
        ({"size": inches(1, 1)}, r"^size: .*supports: 4 x 6 INCH$"),
        ({"dpi": 600}, r"^dpi: .*supports: 300, 203$"),
        ({"page_layout": "TOP"}, r"^page_layout: .*supports: DEFAULT, LEFT$"),
        ({"needs_file_joining": True}, r"^needs_file_joining: .*supports: False$"),
        ({"document_types": [LABEL, RECEIPT]}, r"^document_types: .*supports: LABEL$"),
        ({"format": PNG, "dpi": 300}, r"^dpi: .*supports: none, so leave it out$"),
    ],
)
def test_what_is_not_supported_is_named_with_what_is(wishes: dict[str, Any], says: str) -> None:
    own = printing(offered(PDF), offered(PNG, option(supported_dpis=[])))
    with pytest.raises(InvalidRequestError, match=says):
        buy(own, **wishes)


@pytest.mark.parametrize("none", [[], None])
def test_a_rate_that_lists_nothing_is_asked_for_nothing(none: Any) -> None:
    bare = option(
        supported_dpis=none,
        supported_page_layouts=none,
        supported_file_joining_options=none,
        supported_document_details=none,
    )
    spec = buy(printing(offered(PDF, bare))).requested_document_specification
    assert (spec.dpi, spec.page_layout, spec.need_file_joining) == (None, None, False)
    assert spec.requested_document_types == [LABEL]


def test_every_mandatory_document_is_asked_for() -> None:
    details = [detail(LABEL, is_mandatory=True), detail(RECEIPT), detail(PACKSLIP, is_mandatory=True)]
    own = printing(offered(PDF, option(supported_document_details=details)))
    assert buy(own).requested_document_specification.requested_document_types == [LABEL, PACKSLIP]


@pytest.mark.parametrize("specifications", [[], [offered(PDF)]])
def test_a_rate_without_print_options_cannot_be_bought(specifications: Any) -> None:
    for each in specifications:
        each.print_options = []
    with pytest.raises(InvalidRequestError, match=r"^format: .*supports: none"):
        buy(rate(supported_document_specifications=specifications))


bits = st.booleans()
subsets = st.lists(st.sampled_from(["A", "B", "C"]), unique=True)
options = st.builds(
    PrintOption,
    supported_dpis=st.none() | st.lists(st.sampled_from([203, 300]), unique=True),
    supported_page_layouts=subsets,
    supported_file_joining_options=st.lists(bits, unique=True, min_size=1),
    supported_document_details=st.lists(st.builds(detail, st.sampled_from(DocumentType), is_mandatory=bits)),
)


@pytest.mark.long
@law
@given(
    st.lists(st.builds(offered, st.sampled_from(DocumentFormat), options), min_size=1),
    st.sampled_from(DocumentFormat),
    st.fixed_dictionaries(
        {},
        optional={
            "dpi": st.sampled_from([203, 300]),
            "page_layout": st.sampled_from("ABC"),
            "needs_file_joining": bits,
            "document_types": st.lists(st.sampled_from(DocumentType)),
        },
    ),
)
def test_a_request_is_refused_exactly_if_no_way_of_printing_gives_all(
    specifications: list[SupportedDocumentSpecification], format: DocumentFormat, wishes: dict[str, Any]
) -> None:
    def gives(each: PrintOption) -> bool:
        types = {supported.name for supported in each.supported_document_details}
        return (
            wishes.get("dpi") in [None, *(each.supported_dpis or [])]
            and wishes.get("page_layout") in [None, *each.supported_page_layouts]
            and wishes.get("needs_file_joining") in [None, *each.supported_file_joining_options]
            and set(wishes.get("document_types", [])) <= types
        )

    own = printing(*specifications)
    good = [o for s in specifications if s.format == format for o in s.print_options if gives(o)]
    if not good:
        with pytest.raises(InvalidRequestError):
            buy(own, format=format, **wishes)
        return
    spec = buy(own, format=format, **wishes).requested_document_specification
    must = {each.name for each in good[0].supported_document_details if each.is_mandatory} or {LABEL}
    assert must <= set(spec.requested_document_types)
    assert spec.dpi == wishes.get("dpi", next(iter(good[0].supported_dpis or []), None))
    assert spec.page_layout == wishes.get("page_layout", next(iter(good[0].supported_page_layouts), None))
    assert spec.need_file_joining in good[0].supported_file_joining_options


def test_extras_are_bought_only_by_name() -> None:
    own = rate(available_value_added_service_groups=[group("SIGNED", "ADULT"), group("COD", name="PAY")])
    assert buy(own).requested_value_added_services is None
    named = buy(own, value_added_services=("ADULT", "COD")).requested_value_added_services
    assert [service.id for service in named or []] == ["ADULT", "COD"]


def test_an_unknown_extra_is_refused_with_what_is_offered() -> None:
    own = rate(available_value_added_service_groups=[group("SIGNED"), group("COD", name="PAY")])
    with pytest.raises(InvalidRequestError, match=r"value_added_services: .*offers: SIGNED, COD$"):
        buy(own, value_added_services=["SIGNED", "GIFT"])
    with pytest.raises(InvalidRequestError, match=r"value_added_services: .*offers: none$"):
        buy(rate(), value_added_services=["SIGNED"])


def test_a_required_group_must_be_answered_by_the_caller() -> None:
    own = rate(
        available_value_added_service_groups=[
            group("GIFT", name="WRAP"),
            group("YES", "NO", is_required=True),
        ]
    )
    with pytest.raises(InvalidRequestError, match=r"value_added_services: .*group SIGN: YES, NO"):
        buy(own, value_added_services=["GIFT"])
    named = buy(own, value_added_services=["NO"]).requested_value_added_services
    assert [service.id for service in named or []] == ["NO"]


def test_a_group_with_holes_offers_nothing() -> None:
    empty = group()
    empty.value_added_services = None
    assert buy(rate(available_value_added_service_groups=[empty])).requested_value_added_services is None


def test_a_rate_that_wants_to_know_more_says_where_to_look() -> None:
    own = rate(requires_additional_inputs=True)
    with pytest.raises(InvalidRequestError, match=r"additional_inputs: .*get_additional_inputs"):
        buy(own)
    assert buy(own, additional_inputs={"harmonized": "1"}).additional_inputs == {"harmonized": "1"}


def test_a_rate_of_another_quote_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match=r"^rate: is not one of this result's"):
        quote(rate("mine")).purchase_request(rate("other"), format=PDF)


def test_a_rate_without_an_id_cannot_be_bought() -> None:
    result = loads('{"requestToken": "t", "rates": [{"serviceId": "S"}]}', GetRatesResult)
    with pytest.raises(InvalidRequestError, match=r"^rate: "):
        result.purchase_request(result.rates[0], format=PDF)


def test_the_request_travels_without_the_time_of_the_quote() -> None:
    body = json.loads(encode_request(buy(rate(), value_added_services=[])))
    assert sorted(body) == ["rateId", "requestToken", "requestedDocumentSpecification"]


def _request(quoted_at: Any) -> PurchaseShipmentRequest:
    return PurchaseShipmentRequest(
        request_token="t",
        rate_id="r",
        requested_document_specification=specification(),
        additional_inputs={"tax": "SECRET"},
        quoted_at=quoted_at,
    )


def test_copies_of_the_request_remember_the_time_of_the_quote() -> None:
    request = _request(NOON)
    assert pickle.loads(pickle.dumps(request)).quoted_at == NOON
    assert replace(request, rate_id="other").quoted_at == NOON


def test_additional_inputs_are_hidden_in_the_repr() -> None:
    assert "SECRET" not in repr(_request(None))
    assert "SECRET" in reveal(_request(None))
