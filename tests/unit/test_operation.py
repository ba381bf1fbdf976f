import copy
import pickle
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from spshipping import Effect, InvalidRequestError, Operation, Parameter, Quota
from tests.unit.samples import BUY, DROP, GRAB, LIST, LOOK, SLOW, Wish


def test_a_call_writes_its_parameters_as_amazon_spells_them() -> None:
    call = LOOK(
        path={"giftId": "a/b"},
        query={
            "since": datetime(2026, 1, 31, 12, tzinfo=UTC),
            "kinds": ["A", "B"],
            "deep": True,
            "most": 5,
            "word": None,
        },
    )
    assert call.query == {"since": "2026-01-31T12:00:00Z", "kinds": "A,B", "deep": "true", "most": "5"}
    assert call.path == {"giftId": "a/b"}
    assert LOOK(path={"giftId": "1"}, query={"deep": False}).query == {"deep": "false"}


def test_text_is_taken_for_every_kind_of_parameter() -> None:
    assert LOOK(path={"giftId": "1"}, query={"since": "TEST_CASE_400"}).query == {"since": "TEST_CASE_400"}


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"most": 5.0}, "most: a float cannot be written as integer"),
        ({"most": True}, "most: a bool cannot be written as integer"),
        ({"deep": 1}, "deep: a int cannot be written as boolean"),
        ({"since": datetime(2026, 1, 1)}, "since: a naive datetime"),  # noqa: DTZ001 - the point of the test
        ({"since": 5}, "since: a int cannot be written as time"),
        ({"kinds": ["a,b"]}, "kinds: holds something that is no text, or a comma"),
        ({"kinds": 5}, "kinds: a int cannot be written as list"),
        ({"word": 5}, "word: a int cannot be written as text"),
        ({"sinc": "x"}, "sinc: look has no such parameter (it has: since, kinds, deep, most, word)"),
    ],
)
def test_a_wrong_or_misspelt_parameter_is_refused(query: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        LOOK(path={"giftId": "1"}, query=query)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize("value", ["", " ", ".", "..", " .. ", "a\nb", "a\x00b", "\r", "a\u2028b", None, 5])
def test_case_59_a_path_parameter_that_would_change_the_path_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequestError, match="giftId"):
        LOOK(path={"giftId": value})


def test_missing_and_unknown_parameters_are_refused() -> None:
    with pytest.raises(InvalidRequestError, match="giftId: look needs this path parameter"):
        LOOK()
    with pytest.raises(InvalidRequestError, match="orderId: look has no such path parameter"):
        LOOK(path={"giftId": "1", "orderId": "2"})
    with pytest.raises(InvalidRequestError, match="kind: list needs this parameter"):
        LIST()
    with pytest.raises(InvalidRequestError, match=r"x-kee: drop has no such parameter \(it has: none\)"):
        DROP(path={"giftId": "1"}, headers={"x-kee": "1"})


def test_the_body_must_be_of_the_operations_class() -> None:
    with pytest.raises(InvalidRequestError, match="buy takes Wish, not dict"):
        BUY(body={"text": "x"})  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(InvalidRequestError, match="drop takes no body, not Wish"):
        DROP(path={"giftId": "1"}, body=Wish(text="x"))


def test_a_call_is_data_that_compares_pickles_and_copies() -> None:
    call = BUY(body=Wish(text="x")).with_key("k")
    for twin in (pickle.loads(pickle.dumps(call)), copy.deepcopy(call)):
        assert twin == call
    assert call != BUY(body=Wish(text="y")).with_key("k")
    assert call != "a call"
    assert repr(call) == "<Call buy: POST /gifts>"
    with pytest.raises(TypeError):
        hash(call)


def test_a_key_is_made_once_and_then_kept() -> None:
    call = BUY(body=Wish(text="x"))
    assert call.key is None
    keyed = call.with_key()
    assert UUID(keyed.key or "").version == 4
    assert keyed.with_key() == keyed
    assert keyed.with_key("mine").key == "mine"
    assert call.with_key().key != keyed.key
    assert BUY(body=Wish(text="x"), headers={"x-key": "given"}).key == "given"


def test_an_operation_without_a_key_takes_none() -> None:
    call = GRAB(body=Wish(text="x"))
    assert call.key is None
    with pytest.raises(InvalidRequestError, match="takes no idempotency key"):
        call.with_key("k")


@pytest.mark.parametrize(
    ("effect", "headers"), [(Effect.KEYED, ()), (Effect.ONCE, (Parameter("k", is_key=True),))]
)
def test_keyed_and_having_a_key_header_are_the_same_thing(
    effect: Effect, headers: tuple[Parameter, ...]
) -> None:
    with pytest.raises(ValueError, match="if, and only if"):
        Operation("odd", "POST /odd", returns=type(None), quota=Quota(1, 1), effect=effect, headers=headers)


def test_operations_compare_by_all_they_say() -> None:
    twin = Operation("grab", "POST /grab", body=Wish, returns=GRAB.returns, quota=SLOW, effect=Effect.ONCE)
    assert twin == GRAB
    assert hash(twin) == hash(GRAB)
    assert twin != BUY
    assert twin != "grab"
    assert pickle.loads(pickle.dumps(LIST)) == LIST
    assert repr(LIST) == "<PagedOperation list: GET /gifts>"
