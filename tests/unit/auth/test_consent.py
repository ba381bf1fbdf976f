import json
import pickle
import traceback
from typing import Any, cast
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest

from spshipping import (
    AuthError,
    ConfigurationError,
    ConsentError,
    Credentials,
    Marketplace,
    Secret,
    TransportError,
)
from spshipping.auth import consent
from spshipping.auth.consent import ConsentFlow, ConsentRequest
from spshipping.transport.http import HttpFailure, HttpResponse
from tests.kit import PACKAGE, FakeClock, ScriptedTransport, answer

APPLICATION = "amzn1.sellerapps.app.0bf296b5-36a6-4942-a13e-EXAMPLEfcd28"
BACK = "https://shop.example/amazon/back"
CODE = "CANARYcode+/="
ISSUED = answer(200, {"access_token": "Atza|1", "refresh_token": "Atzr|CANARYnew", "expires_in": 3600})


def flow_of(
    *steps: Any, redirect_uri: str = BACK, clock: FakeClock | None = None, **options: Any
) -> tuple[ConsentFlow, ScriptedTransport]:
    transport = ScriptedTransport(steps or [ISSUED])
    usual = {
        "application_id": APPLICATION,
        "marketplace": Marketplace.UK,
        "token_url": "https://example.com/token",
        "transport": transport,
        "clock": clock or FakeClock(),
        "chance": lambda: 0.5,
    }
    flow = ConsentFlow(
        Credentials("amzn1.application-oa2-client.1", "s&cret"), redirect_uri, **{**usual, **options}
    )
    return flow, transport


def asked(url: str) -> dict[str, str]:
    pairs = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def returned(request: ConsentRequest, **changes: str | None) -> dict[str, str]:
    usual = {"state": request.state, "selling_partner_id": "A1SELLER", "spapi_oauth_code": CODE}
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    ("options", "page"),
    [
        ({}, "https://sellercentral-europe.amazon.com/apps/authorize/consent"),
        ({"kind": "vendor"}, "https://vendorcentral.amazon.co.uk/apps/authorize/consent"),
        ({"marketplace": Marketplace.JP}, "https://sellercentral.amazon.co.jp/apps/authorize/consent"),
        ({"authorization_url": "http://127.0.0.1:9/consent"}, "http://127.0.0.1:9/consent"),
    ],
)
def test_a_seller_or_vendor_is_sent_to_their_own_central(options: dict[str, Any], page: str) -> None:
    flow, transport = flow_of(**options)
    request = flow.start()
    assert request.url.split("?")[0] == page
    assert asked(request.url) == {
        "application_id": APPLICATION,
        "state": request.state,
        "redirect_uri": BACK,
    }
    assert transport.requests == []


def test_a_draft_says_that_it_is_one() -> None:
    flow, _ = flow_of(is_draft=True)
    assert asked(flow.start().url)["version"] == "beta"


def test_an_oauth_page_is_told_the_client_and_gives_a_code_of_its_own_name() -> None:
    page = "https://www.amazon.com/ap/oa?language=en_GB"
    flow, transport = flow_of(application_id=None, authorization_url=page, scope="a::b")
    request = flow.start()
    assert asked(request.url) == {
        "language": "en_GB",
        "client_id": "amzn1.application-oa2-client.1",
        "response_type": "code",
        "scope": "a::b",
        "state": request.state,
        "redirect_uri": BACK,
    }
    credentials = flow.finish({"state": request.state, "code": CODE}, request)
    assert credentials.selling_partner_id is None
    assert form_of(transport)["code"] == CODE
    bare, _ = flow_of(application_id=None, authorization_url=page)
    assert "scope" not in asked(bare.start().url)


def form_of(transport: ScriptedTransport) -> dict[str, str]:
    (request,) = transport.requests
    return {name: values[0] for name, values in parse_qs((request.body or b"").decode()).items()}


@pytest.mark.parametrize("is_address", [True, False])
def test_a_consent_becomes_the_credentials_of_whoever_gave_it(is_address: bool) -> None:
    flow, transport = flow_of()
    request = flow.start()
    query = returned(request)
    credentials = flow.finish(f" {BACK}?{urlencode(query)}\n" if is_address else query, request)
    assert credentials.refresh_token == Secret("Atzr|CANARYnew")
    assert credentials.selling_partner_id == "A1SELLER"
    assert (credentials.client_id, credentials.client_secret.reveal()) == (
        "amzn1.application-oa2-client.1",
        "s&cret",
    )
    assert transport.requests[0].url == "https://example.com/token"
    assert form_of(transport) == {
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": BACK,
        "client_id": "amzn1.application-oa2-client.1",
        "client_secret": "s&cret",
    }


def test_every_state_is_new_and_long() -> None:
    flow, _ = flow_of()
    states = {flow.start().state for _ in range(50)}
    assert len(states) == 50
    assert min(map(len, states)) >= 43


def test_what_a_host_keeps_outlives_the_process_as_pickle_or_json() -> None:
    flow, _ = flow_of()
    request = flow.start()
    assert pickle.loads(pickle.dumps(request)) == request
    assert ConsentRequest(*json.loads(json.dumps(request))) == request
    another, _ = flow_of()
    kept = ConsentRequest(*json.loads(json.dumps(request)))
    assert another.finish(returned(request), kept).selling_partner_id == "A1SELLER"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": "another"}, "the state is not the one"),
        ({"state": ""}, "carries no state"),
        ({"state": None}, "carries no state"),
        ({"state": "\udcff"}, "carries no state"),
        ({"spapi_oauth_code": None}, "lacks the code"),
        ({"spapi_oauth_code": ""}, "lacks the code"),
        ({"spapi_oauth_code": None, "code": CODE}, "lacks the code"),
        ({"selling_partner_id": None}, "does not name the seller"),
        ({"selling_partner_id": ""}, "does not name the seller"),
        ({"error": "access_denied"}, "no consent was given.*declined: contact them"),
        ({"error": "access_denied", "error_description": "They said no"}, "access_denied: They said no"),
        ({"error": "", "state": "another"}, "the state is not the one"),
        ({"error": ""}, "unknown: no consent was given"),
        ({"error": "server_error" * 100}, "server_error"),
    ],
)
def test_a_return_that_is_no_consent_is_refused_before_anything_is_sent(
    changes: dict[str, str | None], message: str
) -> None:
    flow, transport = flow_of()
    request = flow.start()
    with pytest.raises(ConsentError, match=message) as caught:
        flow.finish(returned(request, **changes), request)
    assert transport.requests == []
    assert "start()" in str(caught.value)
    assert len(str(caught.value)) < 1200


@pytest.mark.parametrize("address", ["https://[", f"{BACK}?state=a&state=b", f"{BACK}?state=%00", ""])
def test_an_odd_address_is_refused(address: str) -> None:
    flow, _ = flow_of()
    with pytest.raises(ConsentError, match="carries no state"):
        flow.finish(address, flow.start())


@pytest.mark.parametrize("redirect", [b"https://shop.example/?state=a", None, 5, ["state"]])
def test_e6_what_is_no_address_is_refused(redirect: Any) -> None:
    flow, transport = flow_of()
    with pytest.raises(ConsentError, match="carries no state"):
        flow.finish(redirect, flow.start())
    assert transport.requests == []


def test_a_query_of_lists_is_refused_rather_than_guessed_at() -> None:
    flow, _ = flow_of()
    request = flow.start()
    query = cast("dict[str, str]", {name: [value] for name, value in returned(request).items()})
    with pytest.raises(ConsentError, match="carries no state"):
        flow.finish(query, request)


def test_a_session_that_sent_nobody_gets_nothing() -> None:
    flow, transport = flow_of()
    with pytest.raises(ConsentError, match="this session has started no consent"):
        flow.finish(returned(flow.start()), None)
    with pytest.raises(ConsentError, match="the state is not the one"):
        flow.finish({"state": "x"}, ConsentRequest("", "", 0.0))
    assert transport.requests == []


@pytest.mark.parametrize(
    ("seconds", "is_taken"), [(0, True), (599, True), (601, False), (-59, True), (-61, False)]
)
def test_a_consent_is_taken_for_ten_minutes(seconds: float, is_taken: bool) -> None:
    clock = FakeClock()
    flow, _ = flow_of(clock=clock)
    request = flow.start()
    clock.elapsed += seconds
    if is_taken:
        assert flow.finish(returned(request), request).refresh_token
    else:
        with pytest.raises(ConsentError, match="longer than ten minutes"):
            flow.finish(returned(request), request)


def refused(code: str, status: int = 400) -> HttpResponse:
    return answer(status, {"error": code, "error_description": "Amazon's words", "request_id": "r"})


def test_a_used_code_is_a_consent_to_be_asked_for_again() -> None:
    flow, transport = flow_of(refused("invalid_grant"))
    request = flow.start()
    with pytest.raises(ConsentError, match="older than five minutes") as caught:
        flow.finish(returned(request), request)
    error = caught.value
    assert (error.code, error.status, error.message) == ("invalid_grant", 400, "Amazon's words")
    assert error.__context__ is None
    assert len(transport.requests) == 1


def test_a_wrong_client_secret_is_not_the_sellers_fault() -> None:
    flow, _ = flow_of(refused("invalid_client", 401))
    request = flow.start()
    with pytest.raises(AuthError, match="was rotated") as caught:
        flow.finish(returned(request), request)
    assert not isinstance(caught.value, ConsentError)


def test_the_exchange_is_tried_again_within_its_deadline() -> None:
    clock = FakeClock()
    unreachable = HttpFailure("connect", was_sent=False)
    flow, transport = flow_of(unreachable, ISSUED, clock=clock, deadline=5.0, timeout=2.0)
    request = flow.start()
    assert flow.finish(returned(request), request).refresh_token
    assert {(limits.connect, limits.read, limits.ends_at) for limits in transport.limits} == {
        (2.0, 2.0, 1005.0)
    }
    flow, transport = flow_of(unreachable, clock=clock, deadline=0.1)
    request = flow.start()
    with pytest.raises(TransportError):
        flow.finish(returned(request), request)


@pytest.mark.parametrize("steps", [[ISSUED], [refused("invalid_grant")]])
def test_connections_of_its_own_are_closed_after_the_exchange(
    monkeypatch: pytest.MonkeyPatch, steps: list[Any]
) -> None:
    own = ScriptedTransport(steps)
    monkeypatch.setattr(consent, "RequestsTransport", lambda **_: own)
    client = Credentials("amzn1.application-oa2-client.1", "s&cret")
    flow = ConsentFlow(
        client,
        BACK,
        application_id=APPLICATION,
        marketplace=Marketplace.US,
        token_url="https://example.com/token",
    )
    request = flow.start()
    try:
        flow.finish(returned(request), request)
    except ConsentError:
        assert steps != [ISSUED]
    assert own.is_closed


def test_neither_the_code_nor_the_token_is_in_our_frames() -> None:
    steps = ([refused("invalid_client")], [refused("invalid_grant")], [answer(200, {"access_token": "x"})])
    for step in steps:
        flow, _ = flow_of(*step)
        request = flow.start()
        address = f"{BACK}?{urlencode(returned(request))}"
        with pytest.raises(AuthError) as caught:
            flow.finish(address, request)
        error = caught.value
        shown = traceback.TracebackException.from_exception(error, capture_locals=True)
        ours = [frame for frame in shown.stack if PACKAGE in frame.filename]
        assert ours
        for frame in ours:
            assert "CANARY" not in repr(frame.locals), frame.name
        assert "CANARY" not in f"{error!s}{error!r}{vars(error)}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"redirect_uri": "http://shop.example/back"}, "redirect_uri= is plain http"),
        ({"redirect_uri": "https://shop.example/back#x"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "https://user@shop.example/"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "shop.example/back"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "https://["}, "redirect_uri= is not https://"),
        ({"redirect_uri": "https://"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "https://shop.example:99999/"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "http://127.0.0.1:0/"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "https://shop.example/a b"}, "redirect_uri= is not https://"),
        ({"redirect_uri": "https://shöp.example/"}, "redirect_uri= is not https://"),
        ({"token_url": "http://example.com/"}, "token_url= is plain http"),
        ({"authorization_url": "ftp://example.com/"}, "authorization_url= is not https://"),
        ({"application_id": "amzn1.application-oa2-client.1"}, "this is the client id"),
        ({"application_id": "my app"}, "what Amazon's console shows"),
        ({"application_id": None}, "pass application_id= and marketplace="),
        ({"marketplace": None}, "pass application_id= and marketplace="),
        ({"kind": "buyer"}, "use seller or vendor"),
        ({"redirect_uri": "https://:pa55@shop.example/"}, "redirect_uri= is not https://"),
        ({"token_url": "https://example.com/?x=1"}, "token_url= is not https://"),
        ({"timeout": 0}, "timeout= must be a number of seconds above 0"),
        ({"timeout": "5"}, "timeout= must be a number of seconds above 0"),
        ({"deadline": float("nan")}, "deadline= must be a number of seconds above 0"),
        ({"tokenurl": "https://example.com/"}, "has no option 'tokenurl'"),
    ],
)
def test_what_cannot_be_right_is_told_at_once(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        flow_of(**options)


def test_a_redirect_to_this_machine_may_be_plain_http() -> None:
    flow, _ = flow_of(redirect_uri="http://127.0.0.1:8463/")
    assert asked(flow.start().url)["redirect_uri"] == "http://127.0.0.1:8463/"


CALLBACK = f"https://sellercentral.amazon.com/apps/authorize/confirm/{APPLICATION}"
LOGIN = {"amazon_callback_uri": CALLBACK, "amazon_state": "amazon's+state", "selling_partner_id": "A1SELLER"}


@pytest.mark.parametrize("is_draft", [True, False])
def test_somebody_from_the_appstore_is_sent_back_to_amazon(is_draft: bool) -> None:
    flow, _ = flow_of(is_draft=is_draft)
    request = flow.accept(LOGIN)
    assert request.url.split("?")[0] == CALLBACK
    expected = {"amazon_state": "amazon's+state", "state": request.state, "redirect_uri": BACK}
    assert asked(request.url) == {**expected, **({"version": "beta"} if is_draft else {})}
    assert flow.finish(returned(request), request).selling_partner_id == "A1SELLER"


def test_whoever_amazon_announced_must_be_who_comes_back() -> None:
    flow, transport = flow_of()
    request = flow.accept(LOGIN)
    with pytest.raises(ConsentError, match="another seller or vendor came back"):
        flow.finish(returned(request, selling_partner_id="A2OTHER"), request)
    assert transport.requests == []


@pytest.mark.parametrize("name", LOGIN)
def test_a_login_request_lacks_nothing(name: str) -> None:
    flow, _ = flow_of()
    for query in ({k: v for k, v in LOGIN.items() if k != name}, {**LOGIN, name: ""}):
        with pytest.raises(ConsentError, match="the login request lacks"):
            flow.accept(query)


@pytest.mark.parametrize("place", Marketplace)
def test_every_central_may_call_back(place: Marketplace) -> None:
    flow, _ = flow_of()
    for central in (place.seller_central, place.vendor_central):
        url = flow.accept({**LOGIN, "amazon_callback_uri": f"{central}/apps/authorize/confirm?a=b"}).url
        assert url.startswith(f"{central}/apps/authorize/confirm?a=b&amazon_state=")


@pytest.mark.parametrize(
    "callback",
    [
        "https://evil.example/apps/authorize/confirm",
        "http://sellercentral.amazon.com/apps",
        "//sellercentral.amazon.com/apps",
        "https://sellercentral.amazon.com.evil.example/",
        "https://evil.example\\@sellercentral.amazon.com/",
        "https://sellercentral.amazon.com\\.evil.example/",
        "https://sellercentral.amazon.com@evil.example/",
        "https://evil.example@sellercentral.amazon.com/",
        "https://sellercentral.amazon.com:444/",
        "https://evil.example#@sellercentral.amazon.com/",
        "https://evil.example?https://sellercentral.amazon.com/",
        "https://sellercentral.amazon.com/#x",
        "https://evil.example/ https://sellercentral.amazon.com/",
        "https://[",
        "javascript:alert(1)",
        "https://sеllercentral.amazon.com/",
    ],
)
def test_nobody_is_redirected_to_anywhere_but_amazon(callback: str) -> None:
    flow, _ = flow_of()
    with pytest.raises(ConsentError, match="no page of Seller or Vendor Central"):
        flow.accept({**LOGIN, "amazon_callback_uri": callback})
