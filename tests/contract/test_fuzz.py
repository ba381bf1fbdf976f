"""Answers broken at random, in mass: only our own errors escape, nothing is lost, each repair is named."""

import contextlib
import copy
import inspect
import json
import os
import pickle
from collections.abc import Callable
from decimal import Decimal
from functools import cache, partial
from random import Random
from typing import Any, NoReturn

import pytest

from spshipping.client import Client
from spshipping.errors import (
    AccessDeniedError,
    ApiError,
    BadRequestError,
    ConflictError,
    DecodeError,
    InvalidRequestError,
    NotFoundError,
    OutcomeUnknownError,
    ServerError,
    SpShippingError,
    ThrottledError,
)
from spshipping.meta import Deviation
from spshipping.operation import Call, Effect, Operation, Quota
from spshipping.shipping import GetRatesResult
from spshipping.transport.decode import Decoded, decode, error_details
from spshipping.transport.http import HttpResponse
from spshipping.transport.repeat import Refusal
from spshipping.transport.retry import Outcome
from spshipping.wire.convert import dumps, loads, structure
from spshipping.wire.model import Model, reveal
from spshipping.wire.shapes import shape_of
from spshipping.wire.text import NOTHING
from tests.at_once import both, decoded, digits
from tests.contract.drawn import bodies as sendable
from tests.contract.drawn import drawn, parts
from tests.contract.facts import operations
from tests.contract.mutations import DATES, WORDS, broken_bytes, broken_tree, encoded, spots, written
from tests.contract.reading import Judge, is_empty, leads_somewhere
from tests.contract.wellformed import exact
from tests.kit import START, ScriptedTransport, client_of
from tests.unit.wire.samples import Parcel

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]

IS_FULL = os.environ.get("SPSHIPPING_SOAK") == "full"
EVERY_KIND = Operation(
    "everyKind", "GET /every/kind", returns=Parcel, quota=Quota(1000, burst=1000), effect=Effect.IDEMPOTENT
)
"""No operation of Amazon's: its answer has a field of every kind that a model can have."""
OPERATIONS = (*operations(), EVERY_KIND)
ANSWERED = tuple(operation for operation in OPERATIONS if operation.returns is not type(None))
EACH = (100_000 if IS_FULL else 10_000) // len(OPERATIONS) + 1
TREES, BYTES, REFUSED = EACH * 6 // 10, EACH * 3 // 10, EACH - EACH * 6 // 10 - EACH * 3 // 10
BASES = 120 if IS_FULL else 40
LARGEST = 6_000
"""Bytes of a well-formed answer: larger ones break no differently, only more slowly."""
THROUGH_CLIENT = 10
"""One answer in so many goes through a whole client, too."""

REFUSALS: tuple[Any, ...] = (
    {"errors": [{"code": "InvalidInput", "message": "No.", "details": "None at all."}]},
    {"errors": [{"code": "TOKEN_EXPIRED", "message": "Too late.", "details": ""}, {"code": "Unauthorized"}]},
    [{"code": "QuotaExceeded", "message": "Slower."}],
    {"message": "Forbidden"},
    {"Message": "The access token you provided has expired.", "__type": "Forbidden"},
    {"error": "invalid_grant", "error_description": "No."},
    {"errors": {"code": "InternalFailure", "message": None, "details": None}},
)
BY_STATUS: dict[int, type[ApiError]] = {
    **dict.fromkeys((400, 413, 415), BadRequestError),
    **dict.fromkeys((401, 403), AccessDeniedError),
    404: NotFoundError,
    409: ConflictError,
    429: ThrottledError,
}
RETRY_AFTER = (
    *("3", "-1", " 7 ", "1e3", "٣", "9" * 30, "soon", "Sun, 01 Mar 2026 12:01:00 GMT", "Sun, 31 Feb 2026"),
    *("Sun, 01 Mar 99999999999999999999 12:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 +99999999999999999999"),
    *("Sun, 01 Mar 2026 12:00:00 -9999", "Sun, 01 Mar 0000 00:00:00 -0000", *DATES, *WORDS),
)
NO_JSON = object()
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
each_answered = pytest.mark.parametrize("operation", ANSWERED, ids=lambda operation: operation.name)


def json_of(value: Any) -> bytes:
    """Write an answer: a model, a list of models, or a plain object."""
    if isinstance(value, list):
        return b"[" + b",".join(json_of(item) for item in value) + b"]"
    return dumps(value) if isinstance(value, Model) else written(value).encode()


@cache
def bodies(operation: Operation[Any]) -> tuple[bytes, ...]:
    """Return well-formed answers to an operation, without an envelope: half of them the largest there are."""
    returns: Any = operation.returns
    found = (json_of(value) for value in drawn(returns, 6 * BASES))
    sizes = sorted((body for body in dict.fromkeys(found) if len(body) <= LARGEST), key=len)
    half = BASES // 2
    return (*sizes[-half:], *sizes[:-half][:: max(1, len(sizes) // half)])


@cache
def call_of(operation: Operation[Any]) -> Call[Any]:
    """Return a call that can be sent."""
    call = operation(
        path=dict.fromkeys(operation.path_names, "1"),
        query={parameter.name: "1" for parameter in operation.query if parameter.is_required},
        body=sendable(operation, 1)[0] if operation.body else None,
    )
    return call.with_key("fuzz") if operation.key_header else call


def refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def said(body: bytes) -> Any:
    """Parse JSON; NO_JSON where it is none, and NOTHING where there is none."""
    if not body.strip():
        return NOTHING
    try:
        return json.loads(body.decode("utf-8-sig"), parse_float=Decimal, parse_constant=refuse)
    except (ValueError, RecursionError, ArithmeticError):
        return NO_JSON


def answer_to(operation: Operation[Any], chance: Random) -> Any:
    """Choose a well-formed answer, as parsed JSON, in its envelope or without."""
    answer = said(chance.choice(bodies(operation)))
    return {"payload": answer} if operation.envelope and chance.random() < 0.5 else answer


def each(operation: Operation[Any], count: int, law: Callable[[Random, int], None]) -> None:
    """Hold the law to so many cases; a failure says which case it was, which can then be run alone."""
    for number in range(count):
        try:
            law(Random(f"{operation.name} {number}"), number)
        except BaseException as error:
            error.add_note(f"{operation.name}, case {number}")
            raise


def whole(body: bytes) -> dict[str, str]:
    """Return the header by which a body is known to be all there is."""
    return {"content-length": str(len(body))}


def check_answer(operation: Operation[Any], body: bytes) -> Decoded | Refusal:
    """Assert that a success is read just as it must be, and return it."""
    result = decoded(
        call_of(operation), HttpResponse(200, {"x-amzn-requestid": "req-1", **whole(body)}, body)
    )
    data = said(body)
    value: Any = None
    deviations: tuple[Deviation, ...] = ()
    if isinstance(result, Decoded):
        value, deviations = result.value, result.deviations
    else:
        assert (type(result.error), result.outcome) == (DecodeError, Outcome.LOST)
        deviations = result.error.deviations  # type: ignore[attr-defined]  # a DecodeError has them
        check_error(result.error)
    shape = shape_of(operation.returns)[0]
    has_errors = operation.envelope and isinstance(data, dict) and bool(error_details(data))
    if operation.envelope and isinstance(data, dict):
        data = data.get("payload", data)
    if data is NO_JSON or (has_errors and is_empty(data, shape)):
        assert value is None
        assert data is not NO_JSON or deviations == ()
    else:
        Judge(deviations).judge(data, shape, value)
    return result


def check_loads(operation: Operation[Any], body: bytes) -> None:
    """Assert that `loads` reads the same as the decoder of answers, from bytes and from text."""
    data = said(body)
    expected = None if data in (NO_JSON, NOTHING) else structure(data, operation.returns)[0]
    forms: list[bytes | str] = [body]
    with contextlib.suppress(UnicodeDecodeError):
        forms.append(body.decode("utf-8", "surrogatepass"))
    for form in forms:
        try:
            got, at_once = both(partial(loads, form, operation.returns))
        except DecodeError as error:
            assert expected is None
            check_error(error)
        else:
            assert exact(got) == exact(expected)
            assert digits(at_once) == digits(got)


def check_error(error: SpShippingError) -> None:
    """Assert that an error can be shown and pickled."""
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (type(error), str(error))
    assert repr(error)


def check_uses(value: Any) -> None:
    """Assert that what was read can be shown, compared, copied, pickled and written."""
    assert repr(value)
    assert value == value
    for same in (copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert exact(same) == exact(value)
        assert same == value
    if isinstance(value, Model):
        assert reveal(value).startswith(type(value).__name__)
        check_written(value)
        check_conveniences(value)


def check_conveniences(value: Model) -> None:
    """Assert that what models offer beside their fields gives something, or an error of ours."""
    for model in [value, *(part for part in parts(value) if isinstance(part, Model))]:
        for name in dir(type(model)):
            offered = (
                None if name.startswith("_") or name in model.__wire_names__ else getattr(type(model), name)
            )
            with contextlib.suppress(SpShippingError):
                if isinstance(offered, property):
                    getattr(model, name)
                elif callable(offered) and takes_nothing(offered):
                    getattr(model, name)()
    if isinstance(value, GetRatesResult):
        for rate in value.rates:
            with contextlib.suppress(SpShippingError):
                value.purchase_request(rate, format="PDF")


@cache
def takes_nothing(method: Any) -> bool:
    """Say whether a method can be called without arguments."""
    _, *parameters = inspect.signature(method).parameters.values()
    return all(parameter.default is not parameter.empty for parameter in parameters)


def check_written(value: Model) -> None:
    """Assert that a value is written as JSON that reads the same, or refused with the place of the fault."""
    body = b""
    refused: InvalidRequestError | None = None
    try:
        body = dumps(value)
    except InvalidRequestError as error:
        refused = error
    if refused:
        assert leads_somewhere(value, refused.path or "")
        assert not is_ordinary(value)
        check_error(refused)
        return
    data = said(body)
    assert data is not NO_JSON
    again, _ = structure(data, type(value))
    assert again is None or again == value


def is_ordinary(value: Model) -> bool:
    """Say whether no text has half of a surrogate pair, and every number is exactly a JSON number."""
    root = [exact(value)]
    plain = (spot.value for spot in spots(flat(root)))
    return all(
        number_is_ordinary(part) if isinstance(part, Decimal) else is_text_ordinary(part)
        for part in plain
        if isinstance(part, Decimal | str)
    )


def flat(part: Any) -> Any:
    """Turn tuples into lists, and keys into members."""
    if isinstance(part, dict):
        return [flat(each) for pair in part.items() for each in pair]
    return [flat(each) for each in part] if isinstance(part, list | tuple) else part


def number_is_ordinary(number: Decimal) -> bool:
    return abs(number.adjusted()) <= 40 and Decimal(repr(float(number))) == number


def is_text_ordinary(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


@cache
def clients(operation: Operation[Any]) -> tuple[ScriptedTransport, Client, Client]:
    """Return a network, a client on it, and a strict one."""
    network = ScriptedTransport()
    # time for every try of the slowest: one turn in three minutes
    client = client_of(network, deadline=1e9, restricted_data_token="Atz.sprdt|1")
    return network, client, client.with_options(strict=True)


def sent(operation: Operation[Any], response: HttpResponse, *, is_strict: bool = False) -> Any:
    """Send a call that is answered so however often it is tried; return the reply, or the error."""
    network, lenient, strict = clients(operation)
    network.steps = [response] * 20
    network.requests.clear()
    network.limits.clear()
    try:
        return (strict if is_strict else lenient).send(call_of(operation))
    except SpShippingError as error:
        return error


def check_client(operation: Operation[Any], body: bytes, result: Decoded | Refusal) -> None:
    """Assert that a client gives what the decoder read, and a strict one, too, beside its complaint."""
    response = HttpResponse(200, whole(body), body)
    reply, strict = sent(operation, response), sent(operation, response, is_strict=True)
    if isinstance(result, Refusal):
        for error in (reply, strict):
            check_unsettled(operation, error, DecodeError, may_have_happened=True)
        return
    assert exact(reply.value) == exact(result.value)
    assert reply.meta.deviations == result.deviations
    assert repr(reply)
    if result.deviations:
        assert type(strict) is DecodeError
        assert strict.deviations == result.deviations
    assert exact(strict.value) == exact(result.value)


def check_unsettled(
    operation: Operation[Any], error: Any, cls: type[SpShippingError], *, may_have_happened: bool
) -> None:
    """Assert that the error is of this class, or says that the outcome is unknown and has it as its cause."""
    check_error(error)
    if may_have_happened and operation.effect is not Effect.NONE:
        assert type(error) is OutcomeUnknownError
        assert type(error.cause) is cls
    else:
        assert type(error) is cls


@each_answered
def test_whatever_is_wrong_in_an_answer_is_named_and_all_the_rest_is_read(operation: Operation[Any]) -> None:
    def law(chance: Random, number: int) -> None:
        body = encoded(chance, broken_tree(chance, answer_to(operation, chance)))
        result = check_answer(operation, body)
        if isinstance(result, Decoded):
            check_uses(result.value)
        if number % 4 == 0:
            check_loads(operation, body)
        if number % THROUGH_CLIENT == 0:
            check_client(operation, body, result)

    each(operation, TREES, law)


@each_answered
def test_whatever_bytes_an_answer_has_only_our_own_errors_escape(operation: Operation[Any]) -> None:
    def law(chance: Random, number: int) -> None:
        answer = answer_to(operation, chance)
        if chance.random() < 0.2:
            answer = broken_tree(chance, answer)
        body = broken_bytes(chance, encoded(chance, answer))
        result = check_answer(operation, body)
        if isinstance(result, Decoded):
            check_uses(result.value)
        if number % 4 == 0:
            check_loads(operation, body)
        if number % THROUGH_CLIENT == 0:
            check_client(operation, body, result)

    each(operation, BYTES, law)


def first_code(data: Any) -> str | None:
    """Return the code of an error answer of Amazon's usual form; None where it may be another."""
    errors = data.get("errors") if isinstance(data, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.get("code") if isinstance(first, dict) else None
    return code if isinstance(code, str) and code else None


def check_refusal(operation: Operation[Any], response: HttpResponse) -> type[SpShippingError]:
    """Assert that an error answer is an error of the right class, with what it said; return the class."""
    refusal = decode(call_of(operation), response, START)
    assert isinstance(refusal, Refusal)
    error: Any = refusal.error
    usual = ServerError if response.status >= 500 else BY_STATUS.get(response.status, ApiError)
    cls: type[SpShippingError] = operation.errors.get(error.code or "", usual)
    assert (error.__class__, error.status, error.request_id) == (cls, response.status, "req-1")
    code = first_code(said(response.body))
    if code:
        assert error.code == code[:500]
    assert all(part is None or (isinstance(part, str) and part) for entry in error.errors for part in entry)
    assert error.message
    assert error.retry_after is None or error.retry_after >= 0
    check_error(error)
    return cls


@each_operation
def test_whatever_an_error_answer_says_its_status_decides(operation: Operation[Any]) -> None:
    def law(chance: Random, number: int) -> None:
        answer = broken_tree(chance, copy.deepcopy(chance.choice(REFUSALS)))
        body = encoded(chance, answer)
        if chance.random() < 0.4:
            body = broken_bytes(chance, body)
        status = chance.choice((400, 401, 403, 404, 409, 413, 415, 429, 500, 503, chance.randint(300, 599)))
        headers = {"x-amzn-requestid": "req-1"}
        if chance.random() < 0.3:
            headers["retry-after"] = chance.choice(RETRY_AFTER)
        response = HttpResponse(status, headers, body)
        cls = check_refusal(operation, response)
        if number % THROUGH_CLIENT == 0:
            error = sent(operation, response)
            check_unsettled(operation, error, cls, may_have_happened=status >= 500)

    each(operation, REFUSED, law)


def test_an_answer_that_is_whole_needs_no_repair() -> None:
    for operation in ANSWERED:
        for body in bodies(operation):
            result = check_answer(operation, body)
            assert isinstance(result, Decoded)
            assert result.deviations == ()
            check_uses(result.value)
            check_client(operation, body, result)


def test_the_judge_sees_a_lost_field_and_an_unnamed_repair() -> None:
    """The law itself can say no."""
    shape = shape_of(Parcel)[0]
    data = said(dumps(next(value for value in drawn(Parcel, BASES) if value.words)))
    value, _ = structure(data, Parcel)
    Judge(()).judge(data, shape, value)
    with pytest.raises(AssertionError):
        Judge((Deviation("owner", "converted"),)).judge(data, shape, value)
    value.words = value.words[:-1]
    with pytest.raises(AssertionError):
        Judge(()).judge(data, shape, value)
    value, _ = structure({**data, "supportedDPIs": None}, Parcel)
    with pytest.raises(AssertionError):
        Judge(()).judge({**data, "supportedDPIs": None}, shape, value)
