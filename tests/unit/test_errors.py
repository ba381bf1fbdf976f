import copy
import json
import pickle
from datetime import UTC, datetime

import pytest

import spshipping
from spshipping import errors
from spshipping.errors import SpShippingError
from spshipping.meta import ErrorDetail
from tests.unit.samples import BUY, Wish

CLASSES = [
    value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, SpShippingError)
]


@pytest.mark.parametrize("cls", CLASSES)
def test_every_error_has_the_one_base_and_survives_pickle_and_copy(cls: type[SpShippingError]) -> None:
    error = cls("what happened")
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is cls
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


def test_the_text_of_an_error_fits_into_a_support_case() -> None:
    error = errors.BadRequestError(
        "Request is missing or has invalid parameters",
        operation="getRates",
        status=400,
        code="InvalidRequest",
        details="RateId cannot be null",
        request_id="abc-1",
    )
    assert str(error) == (
        "getRates 400 InvalidRequest: Request is missing or has invalid parameters — RateId cannot be null"
        " [request abc-1]"
    )
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
    assert str(errors.ServerError("")) == ""


HOSTILE = "a\r\nINFO forged\x1b[2J\x9b\u202e\u2028\ud800\0\tz"
ESCAPED = r"a\r\nINFO forged\x1b[2J\x9b\u202e\u2028\ud800\x00\tz"


FROM_OUTSIDE = (errors.AnsweredError, errors.MissingFieldError, errors.WebhookError)


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if issubclass(cls, FROM_OUTSIDE)])
def test_e5_the_text_of_an_error_is_one_line_that_every_log_takes(cls: type[SpShippingError]) -> None:
    error = cls(HOSTILE)
    for name in ("operation", "code", "details", "request_id", "remedy", "path"):
        if hasattr(error, name):
            setattr(error, name, HOSTILE)
    assert ESCAPED in str(error)
    assert str(error).isprintable()
    assert str(error).encode().decode().splitlines() == [str(error)]
    twice = errors.OutcomeUnknownError("unknown", details=str(error))
    assert str(error) in str(twice)


@pytest.mark.parametrize("plain", ["Größe 5\u00a0kg", "住所が違います", "no \\ escape"])
def test_e5_what_can_be_printed_is_left_as_it_is(plain: str) -> None:
    assert str(errors.ServerError(plain)) == plain


def test_e5_a_list_of_our_own_has_its_lines() -> None:
    assert str(errors.ConfigurationError("all of these:\n  one\n  two")).count("\n") == 2


def test_an_auth_error_names_the_remedy() -> None:
    error = errors.AuthError("refused", code="invalid_grant", remedy="authorize again")
    assert str(error) == "invalid_grant: refused (authorize again)"
    assert str(errors.AuthError("refused")) == "refused"


def test_an_invalid_request_names_the_path_and_is_a_value_error() -> None:
    error = errors.InvalidRequestError("is required", path="packages[0].weight")
    assert isinstance(error, ValueError)
    assert str(error) == "packages[0].weight: is required"
    assert str(errors.InvalidRequestError("no")) == "no"


def test_an_unknown_field_is_refused() -> None:
    with pytest.raises(TypeError, match="no field 'body'"):
        errors.ApiError("x", body=b"secret")


def test_quota_errors_say_until_when() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    error = pickle.loads(pickle.dumps(errors.QuotaError("later", wait=178.6, retry_at=at)))
    assert (error.wait, error.retry_at) == (178.6, at)


@pytest.mark.parametrize(
    ("status", "cls"),
    [
        (301, errors.ApiError),
        (400, errors.BadRequestError),
        (401, errors.AccessDeniedError),
        (403, errors.AccessDeniedError),
        (404, errors.NotFoundError),
        (409, errors.ConflictError),
        (413, errors.BadRequestError),
        (415, errors.BadRequestError),
        (418, errors.ApiError),
        (429, errors.ThrottledError),
        (500, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_the_status_decides_the_class(status: int, cls: type[errors.ApiError]) -> None:
    assert errors.error_class(status) is cls


def test_the_first_entry_that_says_something_is_taken() -> None:
    empty, full = ErrorDetail(None, None, None), ErrorDetail(None, "x", None)
    assert errors.first_detail([empty, full]) == full
    assert errors.first_detail([]) == empty


def test_every_error_class_is_public() -> None:
    public = {cls.__name__ for cls in CLASSES} - {"AnsweredError"}
    assert public <= set(spshipping.__all__)


NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize("cls", CLASSES)
def test_d12_every_error_has_a_form_that_fits_into_json(cls: type[SpShippingError]) -> None:
    made = json.loads(json.dumps(cls("what happened").as_dict(), allow_nan=False))
    assert (made["error"], made["message"], made["text"]) == (cls.__name__, "what happened", "what happened")
    assert not {"call", "cause", "cursor", "value"} & made.keys()


def test_d12_an_error_tells_what_is_known_of_an_answer() -> None:
    error = errors.QuotaError(
        "later",
        operation="getRates",
        status=429,
        errors=(ErrorDetail("QuotaExceeded", "slow down", None),),
        retry_at=NOW,
        wait=float("inf"),
        at=NOW,
        headers={"x-amzn-requestid": "r1"},
    )
    made = error.as_dict()
    assert made["errors"] == [{"code": "QuotaExceeded", "message": "slow down", "details": None}]
    assert (made["retry_at"], made["at"], made["wait"]) == ("2026-03-01T12:00:00+00:00",) * 2 + (None,)
    assert (made["headers"], made["status"], made["attempts"]) == ({"x-amzn-requestid": "r1"}, 429, 1)
    assert pickle.loads(pickle.dumps(error)).as_dict() == made


def test_d12_an_unknown_outcome_names_its_key_and_its_cause() -> None:
    call = BUY(body=Wish(text="a secret wish")).with_key("k1")
    error = errors.OutcomeUnknownError("unknown", call=call, cause=errors.ServerError("x", status=500))
    made = json.loads(json.dumps(error.as_dict()))
    assert (made["idempotency_key"], made["cause"]["error"], made["cause"]["status"]) == (
        "k1",
        "ServerError",
        500,
    )
    assert "secret wish" not in json.dumps(made)
    foreign = errors.OutcomeUnknownError("unknown", call=call, cause=ValueError("a secret wish"))
    assert foreign.as_dict()["cause"] == {"error": "ValueError"}


def test_d12_the_text_for_a_support_case_has_all_that_amazon_wants() -> None:
    error = errors.BadRequestError(
        "wrong\nINFO forged",
        operation="getRates",
        status=400,
        code="InvalidInput",
        request_id="r1",
        at=NOW,
        headers={"x-amz-cf-id": "c1"},
    )
    assert error.support_text().splitlines() == [
        "Error: BadRequestError",
        "Operation: getRates",
        "Time: 2026-03-01T12:00:00+00:00",
        "HTTP status: 400",
        "Request id: r1",
        "Code: InvalidInput",
        r"Message: wrong\nINFO forged",
        "Attempts: 1",
        "Header x-amz-cf-id: c1",
    ]
    assert errors.TransportError("no").support_text() == "Error: TransportError\nMessage: no\nAttempts: 1"
