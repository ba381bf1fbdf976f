"""What happens beside the network shows nothing either: set-up, JSON, files, pages, STS, the demo."""

import functools
import logging
import logging.config
import pickle
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from spshipping import (
    AuthError,
    Client,
    DecodeError,
    InvalidRequestError,
    Marketplace,
    PagedOperation,
    PaginationError,
    Paging,
    QuotaError,
    RateExpiredError,
    Reply,
    Secret,
    ServerError,
    SpShippingError,
    dumps,
    from_dict,
    loads,
    operations,
    replace,
    set_extra,
    to_dict,
)
from spshipping.auth.aws import AwsCredentials
from spshipping.auth.sts import assume_role
from spshipping.cli.demo import _sandbox_process
from spshipping.facade import Api
from spshipping.operation import Effect, Operation, Quota
from spshipping.shipping import (
    GET_RATES,
    GET_TRACKING,
    ONE_CLICK_SHIPMENT,
    PURCHASE_SHIPMENT,
    Address,
    DocumentFormat,
    DocumentType,
    GetRatesRequest,
    PackageDocument,
    PurchaseShipmentRequest,
)
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.build import build
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.transport.io import run
from spshipping.wire.model import Model, camel
from tests.kit import ScriptedTransport, answer, client_of, repeats_of
from tests.security.canary import LABEL, LABELS, PERSONAL, SECRETS, Catch, surfaces
from tests.security.world import CLIENT_ID, attempt, credentials, order
from tests.unit.shipping import build as made

SECRET, REFRESH = SECRETS["client secret"], SECRETS["refresh token"]
ENVIRON = {
    "SPSHIPPING_CLIENT_ID": CLIENT_ID,
    "SPSHIPPING_CLIENT_SECRET": SECRET,
    "SPSHIPPING_REFRESH_TOKEN": REFRESH,
    "SPSHIPPING_MARKETPLACE": "UK",
}
PLENTY = Quota(100.0, burst=100)


@pytest.fixture
def catch(tmp_path: Path) -> Iterator[Catch]:
    """Search all that a test brought to light, when it ends: nothing that leaked gets by."""
    with surfaces(tmp_path) as caught:
        yield caught
    assert caught.said["traceback"] or caught.said["repr"]
    assert caught.leaks() == {}


def assert_refused(catch: Catch, kind: type[SpShippingError], act: Callable[[], Any]) -> None:
    assert type(attempt(catch, act)) is kind


@pytest.mark.parametrize("changes", [{"client_secret": f"{SECRET}\n"}, {"refresh_token": f" {REFRESH}"}])
def test_a_careless_paste_is_refused_unseen(catch: Catch, changes: dict[str, str]) -> None:
    for act in (
        lambda: credentials(**changes),
        lambda: Client.from_env({**ENVIRON, **{f"SPSHIPPING_{k.upper()}": v for k, v in changes.items()}}),
        lambda: client_of(ScriptedTransport()).for_seller(f"{REFRESH}\t"),
    ):
        assert "has spaces or line breaks" in str(attempt(catch, act))


@pytest.mark.parametrize("missing", ENVIRON)
def test_a_missing_variable_is_named_and_no_other_shown(
    catch: Catch, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    environ = {name: value for name, value in ENVIRON.items() if name != missing}
    assert f"set {missing}" in str(attempt(catch, lambda: Client.from_env(environ)))
    for name in ENVIRON:
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    assert f"set {missing}" in str(attempt(catch, Client.from_env))


def test_set_up_shows_nothing(catch: Catch) -> None:
    client = Client.from_env(ENVIRON, transport=ScriptedTransport())
    others = [
        client.with_options(strict=True),
        client.for_seller(REFRESH),
        client.for_seller(Secret(REFRESH)),
    ]
    keys = AwsCredentials("AKIA", Secret(SECRETS["AWS secret"]), Secret(SECRETS["session token"]))
    catch.show(
        client, *others, credentials(), Secret(SECRET), keys, [Secret(SECRET)], {"secret": Secret(SECRET)}
    )
    for act in (
        lambda: Client(credentials()),
        lambda: client.with_options(environment="live"),
        lambda: Client(credentials(), Marketplace.UK, endpoint="http://example.com"),
    ):
        assert SECRET not in str(attempt(catch, act))


def test_what_holds_a_secret_refuses_to_be_pickled(catch: Catch) -> None:
    request = HttpRequest("POST", "https://x", {"x-amz-access-token": SECRETS["access token"]}, LABEL)
    response = HttpResponse(200, {}, LABEL)
    holders = [client_of(ScriptedTransport()), credentials(), Secret(SECRET), request, response]
    for holder in holders:
        with pytest.raises(TypeError, match="never pickled"):
            pickle.dumps(holder)
    catch.show(*holders, request.with_header("authorization", SECRETS["session token"]))


def test_personal_models_and_calls_print_without_what_is_personal(catch: Catch) -> None:
    asked = order()
    set_extra(asked, {"nickname": PERSONAL["buyer's name"]})
    document = PackageDocument(type="LABEL", format="ZPL", contents=LABELS["label"])  # type: ignore[arg-type]  # as read
    purchase = PurchaseShipmentRequest(
        request_token="t",
        rate_id="r",
        requested_document_specification=made.specification(),
        additional_inputs={"passport": PERSONAL["additional input"]},
    )
    call = GET_RATES(body=asked)
    catch.show(asked, [asked], {"order": asked}, document, purchase, call, PURCHASE_SHIPMENT(body=purchase))
    catch.show(
        build(call, "https://x", "agent", {}), attempt(catch, lambda: loads(dumps(asked), GetRatesRequest))
    )
    assert catch.leaks() == {}


def test_json_that_cannot_be_read_is_not_quoted(catch: Catch) -> None:
    whole = dumps(order())
    for act in (
        lambda: loads(whole[:-1], GetRatesRequest),
        lambda: loads(whole.decode()[:-1], GetRatesRequest),
        lambda: loads(f'"{PERSONAL["address line"]}\ud800"', GetRatesRequest),
        lambda: loads(b"[" + whole + b"]", GetRatesRequest),
        lambda: loads(b'{"odd":' + whole + b"}", GetRatesRequest),
        lambda: from_dict([to_dict(order())], GetRatesRequest),
    ):
        assert_refused(catch, DecodeError, act)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": PERSONAL["buyer's name"] * 9},
        {"name": PERSONAL["buyer's name"].encode()},
        {"city": PERSONAL["address line"] + "\ud800"},
        {"phone_number": [PERSONAL["phone"]]},
        {"geocode": {"latitude": PERSONAL["postal code"]}},
    ],
)
def test_a_request_that_cannot_be_written_is_not_quoted(catch: Catch, changes: dict[str, Any]) -> None:
    asked = order()
    assert asked.ship_to is not None
    broken = replace(asked, ship_to=replace(asked.ship_to, **changes))
    client = client_of(ScriptedTransport())
    assert_refused(catch, InvalidRequestError, lambda: client.shipping.get_rates(broken))
    assert_refused(catch, InvalidRequestError, lambda: client.send(GET_RATES(body=broken)))
    attempt(catch, functools.partial(_written, broken))


def _written(model: GetRatesRequest) -> int:
    return len(dumps(model)) + len(to_dict(model))


def test_wrong_arguments_are_not_quoted(catch: Catch) -> None:
    asked = order()
    address: Any = asked.ship_to
    body: Any = to_dict(asked)
    assert_refused(catch, InvalidRequestError, lambda: GET_RATES(body=body))
    assert_refused(catch, InvalidRequestError, lambda: set_extra(address, {"name": PERSONAL["buyer's name"]}))
    attempt(catch, lambda: replace(address, nmae=PERSONAL["buyer's name"]))
    attempt(catch, lambda: Address(nmae=PERSONAL["buyer's name"]))  # type: ignore[call-arg]  # misspelt
    quote = made.quote(made.rate())
    inputs = {"passport": PERSONAL["additional input"]}
    assert_refused(
        catch,
        InvalidRequestError,
        lambda: quote.purchase_request(quote.rates[0], format="ZPL", additional_inputs=inputs),
    )
    old = quote.purchase_request(quote.rates[0], format="PDF", additional_inputs=inputs)
    client = client_of(ScriptedTransport())
    old.quoted_at = datetime(2026, 1, 1, tzinfo=UTC)
    assert_refused(catch, RateExpiredError, lambda: client.shipping.purchase_shipment(old))
    assert_refused(catch, InvalidRequestError, lambda: client.resolve(GET_RATES(body=asked)))
    catch.show(old)


def test_a_call_that_would_wait_too_long_shows_nothing(catch: Catch) -> None:
    client = client_of(ScriptedTransport([answer(429, {})] * 20))
    attempt(catch, lambda: client.shipping.get_rates(order()))
    assert_refused(catch, QuotaError, lambda: client.shipping.get_rates(order(), max_wait=0.0))


@pytest.mark.parametrize("contents", [LABELS["label"], "!" + LABELS["label"], LABELS["label's text"]])
@pytest.mark.parametrize("form", [DocumentFormat.PDF, DocumentFormat.PNG])
def test_a_broken_label_is_not_shown(catch: Catch, contents: str, form: DocumentFormat) -> None:
    document = PackageDocument(type=DocumentType.LABEL, format=form, contents=contents)
    assert_refused(catch, DecodeError, lambda: document.data)
    assert_refused(catch, DecodeError, lambda: document.save("label"))
    catch.show(document)


def test_a_label_that_cannot_be_written_leaves_nothing_behind(
    catch: Catch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = made.document(LABEL, format=DocumentFormat.ZPL)
    blocked = tmp_path / "a file"
    blocked.touch()
    assert isinstance(attempt(catch, lambda: document.save(blocked / "label.zpl")), OSError)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    for path in (tmp_path, tmp_path / "label.zpl"):
        assert isinstance(attempt(catch, functools.partial(document.save, path)), OSError)
    assert list(tmp_path.iterdir()) == [blocked]


@camel(personal=("name",))
class Buyer(Model):
    """Somebody."""

    name: str


@camel
class Buyers(Model):
    """A page of them."""

    buyers: list[Buyer]
    next_token: str | None = None


BUYERS: PagedOperation[Buyers, Buyer] = PagedOperation(
    "buyers",
    "GET /buyers",
    pages=Paging(token="page", items_of=lambda page: page.buyers, next_of=lambda page: page.next_token),
    returns=Buyers,
    quota=PLENTY,
    effect=Effect.NONE,
    query=(GET_TRACKING.query[0]._replace(name="page", is_required=False),),
)
FILE = Operation("file", "GET /file", returns=bytes, quota=PLENTY, effect=Effect.NONE)
FORM = Operation("form", "GET /form", returns=dict[str, Any], quota=PLENTY, effect=Effect.NONE)


class BuyersApi(Api):
    """A facade of somebody's own."""

    def pages(self) -> Iterator[Reply[Buyers]]:
        return self._pages(BUYERS())

    def each(self) -> Iterator[Buyer]:
        return self._iter(BUYERS, BUYERS())


def page(token: str | None, name: Any = PERSONAL["buyer's name"]) -> HttpResponse:
    return answer(200, {"buyers": [{"name": name}], "nextToken": token})


@pytest.mark.parametrize("method", ["pages", "each"])
@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize(
    "end",
    [
        page("a"),
        page("c", [PERSONAL["e-mail"]]),
        page("c", {PERSONAL["phone"]: 1}),
        answer(200, PERSONAL["address line"].encode()),
        answer(500, {"errors": []}),
        HttpFailure("cut", was_sent=True),
    ],
)
def test_pages_of_people_show_nobody(catch: Catch, end: Any, is_strict: bool, method: str) -> None:
    transport = ScriptedTransport([page("a"), page("b"), *[end] * 4])
    api = BuyersApi(client_of(transport, strict=is_strict).context)
    iterator = getattr(api, method)()
    results = [attempt(catch, functools.partial(next, iterator)) for _ in range(3)]
    catch.show(results)
    if end.__class__ is HttpResponse and b'"a"' in end.body:
        assert isinstance(attempt(catch, functools.partial(_rest, iterator)), PaginationError)


def _rest(iterator: Iterator[Any]) -> list[Any]:
    return list(iterator)


def test_replies_that_are_no_models_show_their_kind_only(catch: Catch) -> None:
    client = client_of(
        ScriptedTransport([answer(200, LABEL), answer(200, {"name": PERSONAL["buyer's name"]})])
    )
    replies: list[Reply[Any]] = [client.send(FILE()), client.send(FORM())]
    assert [reply.value for reply in replies] == [LABEL, {"name": PERSONAL["buyer's name"]}]
    catch.show(*replies)
    assert repr(replies[0]) == "<Reply 200 to file: bytes>"


def test_an_on_reply_that_fails_is_not_quoted(catch: Catch) -> None:
    def fail(_: object) -> None:
        raise ValueError(PERSONAL["buyer's name"])

    client = client_of(ScriptedTransport([answer(500, {})] * 9), on_reply=fail)
    attempt(catch, lambda: client.send(ONE_CLICK_SHIPMENT(body=_one_click())))
    assert any("on_reply raised ValueError" in line for line in catch.said["log"])


def _one_click() -> Any:
    from tests.sandbox.test_main_job import one_click

    return one_click(order(), "SWA")


GIVEN = (
    "<r><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>{0}</SecretAccessKey><SessionToken>{1}</SessionToken>"
    "<Expiration>{2}</Expiration></r>"
)


@pytest.mark.parametrize("expiration", ["2026-03-01T13:00:00Z", "soon", "</x>"])
@pytest.mark.parametrize("status", [200, 403, 500])
def test_keys_of_sts_are_shown_neither_when_good_nor_when_odd(
    catch: Catch, expiration: str, status: int
) -> None:
    body = GIVEN.format(SECRETS["AWS secret"], SECRETS["session token"], expiration).encode()
    keys = AwsCredentials("AKIA", Secret(SECRETS["AWS secret"]), Secret(SECRETS["session token"]))
    transport = ScriptedTransport([HttpResponse(status, {}, body)] * 4)
    came_to = attempt(catch, lambda: _assume(keys, transport))
    is_good = (status, expiration[:4]) == (200, "2026")
    assert type(came_to) is (AwsCredentials if is_good else ServerError if status == 500 else AuthError)
    catch.show(transport.requests)


def _assume(keys: AwsCredentials, transport: Any, url: str | None = None) -> AwsCredentials:
    far = Limits(connect=1.0, read=1.0, ends_at=1e12)
    repeats, role = repeats_of(transport), "arn:aws:iam::1:role/x"
    return run(assume_role(role, keys, region="eu-west-1", repeats=repeats, limits=far, url=url))


def test_logs_that_are_configured_later_show_no_keys_either(catch: Catch) -> None:
    name = "requests_auth_aws_sigv4"
    logging.config.dictConfig(
        {"version": 1, "disable_existing_loggers": False, "loggers": {name: {"level": "DEBUG"}}}
    )
    try:
        body = GIVEN.format(SECRETS["AWS secret"], SECRETS["session token"], "2026-03-01T13:00:00Z").encode()
        keys = AwsCredentials("AKIA", Secret(SECRETS["AWS secret"]), Secret(SECRETS["session token"]))
        transport = ScriptedTransport([HttpResponse(200, {}, body)])
        assert isinstance(attempt(catch, lambda: _assume(keys, transport)), AwsCredentials)
    finally:
        logging.getLogger(name).setLevel(logging.NOTSET)


@pytest.mark.parametrize("place", ["sign_msg", "AWSSigV4.__call__"])
def test_an_interrupted_signer_shows_no_key(
    catch: Catch, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def interrupt(*_: object) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"requests_auth_aws_sigv4.{place}", interrupt)
    keys = AwsCredentials("AKIA", Secret(SECRETS["AWS secret"]), Secret(SECRETS["session token"]))
    with pytest.raises(KeyboardInterrupt) as caught:
        _assume(keys, ScriptedTransport())
    catch.caught(caught.value)


def test_an_sts_that_is_not_there_shows_no_key(catch: Catch) -> None:
    keys = AwsCredentials("AKIA", Secret(SECRETS["AWS secret"]), Secret(SECRETS["session token"]))
    transport = RequestsTransport()
    for url in ("http://127.0.0.1:1/", "http://[::1", "nonsense"):
        assert isinstance(attempt(catch, functools.partial(_assume, keys, transport, url)), Exception)
    transport.close()
    assert catch.leaks() == {}


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="this system has no /proc to look into")
def test_the_demonstrations_sandbox_is_told_no_secret(catch: Catch, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    started: list[subprocess.Popen[str]] = []

    class Noted(subprocess.Popen[str]):
        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    with _sandbox_process() as box:
        (child,) = started
        for name in ("cmdline", "environ"):
            catch.say("child", Path(f"/proc/{child.pid}/{name}").read_bytes().decode())
        catch.show(box)
    assert "sandbox" in catch.said["child"][0]
    assert "PATH=" in catch.said["child"][1]


def test_a_parameter_that_names_a_person_says_so() -> None:
    # what says so is neither saved in a cursor nor left to urllib3, whose own log shows the query
    words = ("email", "phone", "name", "address", "postal", "buyer", "recipient")
    of_amazon = ("buyerReferenceNumber", "buyerWarehouseCode")  # vendors sell to Amazon
    personal = set()
    for operation in operations():
        parameters = [one for one in (*operation.query, *operation.headers) if one.name not in of_amazon]
        looking = [one for one in parameters if any(word in one.name.lower() for word in words)]
        assert all(one.is_personal for one in looking), operation
        assert not [name for name in operation.path_names if any(word in name.lower() for word in words)]
        personal |= {(operation.route, one.name) for one in parameters if one.is_personal}
    assert personal == {
        ("GET /orders/v0/orders", "BuyerEmail"),
        ("GET /shipping/v2/accessPoints", "postalCode"),
    }
