"""What other clients do wrong and their users suffer from: each a test named after what it prevents."""

import copy
import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from spshipping import (
    AccessDeniedError,
    ApiError,
    AuthError,
    BadRequestError,
    Client,
    Deviation,
    Marketplace,
    OutcomeUnknownError,
    ServerError,
    SpShippingError,
    ThrottledError,
    dumps,
    extra,
    loads,
)
from spshipping.auth.cache import TokenCache
from spshipping.sandbox import Sandbox
from spshipping.sandbox.fields import UNHEARD_OF
from spshipping.sellers import GET_MARKETPLACE_PARTICIPATIONS
from spshipping.shipping import (
    GET_TRACKING,
    PURCHASE_SHIPMENT,
    GetRatesRequest,
    GetRatesResult,
    GetTrackingResult,
)
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from tests.cases.line import CALLS
from tests.cases.test_money import purchase, quoted
from tests.kit import FakeClock, ScriptedTransport, answer, client_of, credentials
from tests.sandbox.conftest import MakeClient
from tests.unit.auth.test_authorizer import SHIPMENT, Amazon
from tests.unit.samples import BUY, LOOK, Gift, Wish

GOOD = answer(200, {"giftId": "1"})
LOST = HttpFailure("timeout", was_sent=True)


class SignIn(ScriptedTransport):
    """Answers sign-ins by a script too; what is not in it succeeds."""

    def __init__(self, *grants: HttpResponse | HttpFailure, steps: Any = (), **rest: Any) -> None:
        super().__init__(steps, **rest)
        self.grants = list(grants)
        self.asked: list[tuple[HttpRequest, Limits]] = []

    def exchange(self, request: HttpRequest, limits: Limits) -> HttpResponse | HttpFailure:
        if request.url.endswith("/auth/o2/token"):
            self.asked.append((request, limits))
            if self.grants:
                return self.grants.pop(0)
        return super().exchange(request, limits)


def refused(response: HttpResponse) -> SpShippingError:
    with pytest.raises(SpShippingError) as caught:
        client_of(ScriptedTransport([response] * 12)).send(CALLS["asks"])
    return caught.value


@pytest.mark.parametrize(
    ("response", "cls", "says"),
    [
        (answer(503, b"<html>Service Unavailable</html>"), ServerError, "look 503: Service Unavailable"),
        (answer(429, {"message": "Too many"}), ThrottledError, "look 429: Too many"),
        (answer(403, {"message": "Forbidden"}), AccessDeniedError, "look 403: Forbidden"),
        (answer(403, b""), AccessDeniedError, "look 403: Forbidden"),
        (
            answer(400, [{"code": "InvalidInput", "message": "no"}]),
            BadRequestError,
            "look 400 InvalidInput: no",
        ),
        (answer(200, [{"code": "InvalidInput", "message": "no"}]), SpShippingError, "look 200"),
        (answer(302, b""), ApiError, "look 302: Found"),
    ],
)
def test_an_error_is_never_a_success_whatever_form_it_has(
    response: HttpResponse, cls: type[SpShippingError], says: str
) -> None:
    error = refused(response)
    assert isinstance(error, cls)
    assert str(error).startswith(says)


def test_a_401_says_its_status_and_its_request_id() -> None:
    error = refused(answer(401, {"message": "Unauthorized"}, x_amzn_requestid="r-401"))
    assert isinstance(error, AccessDeniedError)
    assert (error.status, error.request_id) == (401, "r-401")
    assert str(error) == "look 401: Unauthorized [request r-401]"


def test_an_empty_list_is_an_empty_list() -> None:
    transport = ScriptedTransport([answer(200, {"payload": []})])
    assert client_of(transport).send(GET_MARKETPLACE_PARTICIPATIONS()).value == []


def test_a_restricted_token_goes_with_the_calls_that_asked_for_it_in_all_threads() -> None:
    amazon = Amazon(*[answer(200, {"giftId": "1"})] * 200)
    client = client_of(amazon)

    def work(number: int) -> None:
        if number % 2:
            client.send(SHIPMENT(path={"shipmentId": str(number)}), pii=())
        else:
            client.send(LOOK(path={"giftId": str(number)}))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    for request in amazon.requests:
        is_restricted = "/shipments/" in request.url
        assert request.headers["x-amz-access-token"].startswith("Atz.sprdt|") is is_restricted


def test_a_restricted_token_never_crosses_sellers_though_they_share_a_cache() -> None:
    amazon = Amazon(*[answer(200, {}) for _ in range(4)])
    first = client_of(amazon)
    second = first.for_seller("Atzr|another")
    for client in (first, second, first, second):
        client.send(SHIPMENT(path={"shipmentId": "1"}), pii=())
    assert amazon.tokens == ["Atz.sprdt|1", "Atz.sprdt|2"] * 2


def test_a_restricted_token_lives_as_long_as_amazon_says() -> None:
    clock = FakeClock()
    amazon = Amazon(*[answer(200, {}) for _ in range(3)])
    client = client_of(amazon, clock)
    for elapsed in (0.0, 3000.0, 3650.0):
        clock.elapsed = elapsed
        client.send(SHIPMENT(path={"shipmentId": "1"}), pii=())
    assert amazon.tokens == ["Atz.sprdt|1", "Atz.sprdt|1", "Atz.sprdt|2"]


def test_a_token_whose_life_is_said_in_another_spelling_is_not_used_for_ever() -> None:
    clock = FakeClock()
    odd = [answer(200, {"access_token": f"Atza|{n}", "expiresIn": 3600}) for n in (1, 2)]
    transport = SignIn(*odd, steps=[GOOD, GOOD])
    client = client_of(transport, clock)
    client.send(CALLS["asks"])
    clock.elapsed = 3600.0
    client.send(CALLS["asks"])
    assert [r.headers["x-amz-access-token"] for r in transport.requests] == ["Atza|1", "Atza|2"]


def test_a_get_has_the_parameters_that_it_declares_and_no_marketplaces() -> None:
    transport = ScriptedTransport([answer(200, {"trackingId": "T1"})])
    client_of(transport).send(GET_TRACKING(query={"trackingId": "T1", "carrierId": "C"}))
    query = urlsplit(transport.requests[0].url).query
    assert parse_qs(query, strict_parsing=True) == {"trackingId": ["T1"], "carrierId": ["C"]}


def test_an_idempotency_key_travels_as_a_header_and_not_in_the_body() -> None:
    transport = ScriptedTransport([answer(200, {"shipmentId": "S1"})])
    client_of(transport).send(purchase().with_key("order-1001"))
    (request,) = transport.requests
    assert request.headers["x-amzn-IdempotencyKey"] == "order-1001"
    assert b"order-1001" not in (request.body or b"")
    assert "order-1001" not in request.url


def test_no_environment_variable_comes_before_an_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "SP_API_DEFAULT_MARKETPLACE": "US",
        "SPSHIPPING_MARKETPLACE": "US",
        "SPSHIPPING_ENVIRONMENT": "sandbox",
        "SPSHIPPING_ENDPOINT": "https://elsewhere.example.com",
        "SPSHIPPING_TOKEN_URL": "https://elsewhere.example.com",
        "SPSHIPPING_CLIENT_ID": "another",
        "SPSHIPPING_REFRESH_TOKEN": "Atzr|another",
        "AWS_ENV": "SANDBOX",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    transport = SignIn(steps=[GOOD])
    client = Client(
        credentials(), Marketplace.UK, transport=transport, token_cache=TokenCache(), clock=FakeClock()
    )
    client.send(CALLS["asks"])
    assert transport.requests[0].url.startswith("https://sellingpartnerapi-eu.amazon.com/")
    (request, _), *_ = transport.asked
    assert request.url == "https://api.amazon.com/auth/o2/token"
    assert b"another" not in (request.body or b"")
    assert transport.requests[0].headers["x-amzn-shipping-business-id"] == "AmazonShipping_UK"


@pytest.mark.parametrize("twin", [copy.copy, copy.deepcopy, lambda reply: pickle.loads(pickle.dumps(reply))])
def test_a_reply_can_be_copied_and_pickled(twin: Callable[[Any], Any]) -> None:
    reply = client_of(ScriptedTransport([answer(200, {"giftId": "1", "new": [1]})])).send(CALLS["keyed"])
    same = twin(reply)
    assert (same.value, same.meta, same.raw, same.call) == (reply.value, reply.meta, reply.raw, reply.call)
    assert extra(same.value) == {"new": [1]}


def test_12_sellers_in_3_rounds_sign_in_12_times() -> None:
    transport = SignIn(steps=[GOOD] * 36)
    first = client_of(transport)
    sellers = [first.for_seller(f"Atzr|seller-{number}") for number in range(12)]
    for _ in range(3):
        for seller in sellers:
            seller.send(CALLS["asks"])
    assert transport.sign_ins == 12
    forms = {(request.body or b"").decode() for request, _ in transport.asked}
    assert len(forms) == 12


def _handlers() -> dict[str, list[logging.Handler]]:
    known: list[Any] = [logging.root, *logging.root.manager.loggerDict.values()]
    return {logger.name: list(logger.handlers) for logger in known if isinstance(logger, logging.Logger)}


def test_no_log_handler_is_ever_added(sandbox: Sandbox, client: Client, order: GetRatesRequest) -> None:
    client.shipping.get_rates(order)
    before = _handlers()
    for _ in range(100):
        client.shipping.get_rates(loads(dumps(order), GetRatesRequest))
    sandbox.add_fault("getRates", "status", status=400)
    with pytest.raises(BadRequestError):
        client.shipping.get_rates(order)
    assert {name: found for name, found in _handlers().items() if found != before.get(name, [])} == {}


def test_importing_the_package_leaves_logging_alone() -> None:
    program = (
        "import logging, spshipping, spshipping.shipping, spshipping.sellers\n"
        "assert spshipping.operations()\n"
        "assert logging.root.handlers == [] and logging.root.level == logging.WARNING\n"
        "(handler,) = logging.getLogger('spshipping').handlers\n"
        "assert isinstance(handler, logging.NullHandler)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env=dict(os.environ))


def test_nobody_signs_in_before_there_is_a_call_and_the_sign_in_has_a_timeout() -> None:
    transport = SignIn(steps=[GOOD])
    client = client_of(transport, timeout=(3.0, 7.0), deadline=50.0)
    _ = client.shipping
    assert transport.asked == []
    client.send(CALLS["asks"])
    ((_, limits),) = transport.asked
    assert (limits.connect, limits.read) == (3.0, 7.0)
    assert limits.ends_at == FakeClock().monotonic() + 50.0


def test_a_revoked_grant_is_asked_for_once_and_told_in_amazons_words() -> None:
    words = "The request has an invalid grant parameter : refresh_token"
    transport = SignIn(*[answer(400, {"error": "invalid_grant", "error_description": words})] * 4)
    clock = FakeClock()
    with pytest.raises(AuthError) as caught:
        client_of(transport, clock).send(CALLS["asks"])
    assert (caught.value.status, caught.value.code) == (400, "invalid_grant")
    assert words in str(caught.value)
    assert "authorize again" in str(caught.value)
    assert len(transport.asked) == 1
    assert clock.slept == []


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_sign_in_that_is_busy_is_asked_again_and_is_no_refusal(status: int) -> None:
    busy = answer(status, {"error": "temporarily_unavailable"})
    transport = SignIn(busy, steps=[GOOD])
    assert client_of(transport).send(CALLS["asks"]).value == Gift(gift_id="1")
    assert len(transport.asked) == 2
    always = SignIn(*[busy] * 20)
    with pytest.raises((ServerError, ThrottledError)) as caught:
        client_of(always).send(CALLS["asks"])
    assert caught.value.status == status
    assert always.requests == []


def test_an_unheard_of_value_in_a_purchase_costs_no_label(
    make_client: MakeClient, sandbox: Sandbox, order: GetRatesRequest
) -> None:
    client = make_client(strict=True)
    path = "payload.packageDocumentDetails.0.packageDocuments.0.type"
    sandbox.add_fault("purchaseShipment", "unknown_enum", path=path)
    reply = client.send(quoted(client, order))
    (document,) = reply.value.documents
    assert (document.type, document.type.is_known) == (UNHEARD_OF, False)
    assert document.data.startswith(b"^XA")
    assert len(sandbox.ledger.labels) == 1


def test_a_required_null_raises_nothing() -> None:
    body = {"trackingId": None, "alternateLegTrackingId": None, "promisedDeliveryDate": None}
    answered = answer(200, {"payload": {**body, "eventHistory": None, "summary": {"status": None}}})
    reply = client_of(ScriptedTransport([answered])).send(
        GET_TRACKING(query={"trackingId": "T1", "carrierId": "C"})
    )
    assert isinstance(reply.value, GetTrackingResult)
    assert reply.value.event_history == []
    assert Deviation("trackingId", "null") in reply.meta.deviations


def test_a_purchase_that_timed_out_is_never_sent_with_another_key() -> None:
    transport = ScriptedTransport([LOST] * 12)
    client = client_of(transport)
    with pytest.raises(OutcomeUnknownError) as caught:
        client.send(purchase())
    with pytest.raises(OutcomeUnknownError) as again:
        client.resolve(caught.value)
    keys = {request.headers["x-amzn-IdempotencyKey"] for request in transport.requests}
    assert keys == {caught.value.call.key} == {again.value.call.key}
    assert len({request.body for request in transport.requests}) == 1
    assert caught.value.call.operation is PURCHASE_SHIPMENT


def test_what_could_not_connect_is_tried_again_whatever_it_does() -> None:
    for call in CALLS.values():
        transport = ScriptedTransport([HttpFailure("connect", was_sent=False), GOOD])
        assert client_of(transport).send(call).meta.attempts == 2
        assert len(transport.requests) == 2


def test_a_lost_answer_to_a_question_is_asked_for_again() -> None:
    for failure in ("timeout", "cut"):
        transport = ScriptedTransport([HttpFailure(failure, was_sent=True), GOOD])
        assert client_of(transport).send(CALLS["asks"]).meta.attempts == 2


def test_rates_are_found_in_their_envelope_and_without_it(client: Client, order: GetRatesRequest) -> None:
    quote = client.shipping.get_rates(order)
    bare = dumps(quote)
    for body in (bare, b'{"payload":' + bare + b"}"):
        transport = ScriptedTransport([answer(200, body)])
        found = client_of(transport).shipping.get_rates(order)
        assert isinstance(found, GetRatesResult)
        assert found.rates == quote.rates != []


def test_the_token_of_one_seller_is_never_anothers() -> None:
    transport = SignIn(steps=[GOOD, GOOD])
    first = client_of(transport)
    first.send(CALLS["asks"])
    first.for_seller("Atzr|another").send(CALLS["asks"])
    used = [request.headers["x-amz-access-token"] for request in transport.requests]
    assert used == ["Atza|1", "Atza|2"]


def test_an_empty_quota_is_waited_for_and_not_asked_about() -> None:
    clock = FakeClock()
    client = client_of(ScriptedTransport([GOOD] * 40), clock)
    for _ in range(40):
        client.send(CALLS["asks"])
    # ten at once, and then two in a second, with a sleep now and then in place of a busy loop
    assert clock.elapsed == pytest.approx(15.0, rel=0.05)
    assert len(clock.slept) <= 40 + clock.elapsed * 10


@pytest.mark.parametrize("value", ["a=b", "==", "a=b&c=d", "x=1;y=2", "=", "%3D="])
def test_a_query_value_with_equals_signs_survives(value: str) -> None:
    transport = ScriptedTransport([GOOD])
    client_of(transport).send(LOOK(path={"giftId": "1"}, query={"word": value}))
    query = urlsplit(transport.requests[0].url).query
    assert parse_qs(query, strict_parsing=True) == {"word": [value]}


def test_a_misspelt_filter_is_refused_and_not_ignored() -> None:
    for name in ("Word", "wrod", "CreatedAfter"):
        with pytest.raises(ValueError, match="Amazon would ignore it silently"):
            LOOK(path={"giftId": "1"}, query={name: "x"})


def test_the_watchers_of_one_call_see_nothing_of_another() -> None:
    transport = ScriptedTransport([GOOD] * 100)
    client = client_of(transport)
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda n: client.send(BUY(body=Wish(text=f"{n}"))), range(100)))
    assert [reply.call.body for reply in replies] == [Wish(text=f"{n}") for n in range(100)]
    assert len({reply.call.key for reply in replies}) == 100


def test_refusals_never_carry_the_text_of_a_page() -> None:
    page = b"<html>" + b"secret words " * 100 + b"</html>"
    for status in (200, 400, 403, 429, 500, 502):
        error = refused(answer(status, page))
        assert "secret" not in str(error) + repr(vars(error))
