"""Operations and calls: what is refused when an operation is made, when a call is made, and what is kept."""

import copy
import importlib
import pickle
from dataclasses import FrozenInstanceError
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from spshipping import (
    Effect,
    InvalidRequestError,
    Items,
    Length,
    Operation,
    PagedOperation,
    Paging,
    Parameter,
    Pattern,
    Quota,
    Range,
    RateExpiredError,
    derived,
    operation,
    random_key,
)
from spshipping.operation.reference import reference_of
from spshipping.orders.v0 import GET_ORDER, GET_ORDER_ADDRESS
from spshipping.secret import Secret
from spshipping.wire.convert import encode_request
from tests.unit.samples import BUY, DROP, GRAB, KEY, LIST, LOOK, SLOW, Gift, Page, Wish

LIMITED = Operation(
    "limited",
    "GET /limited",
    returns=Gift,
    quota=SLOW,
    effect=Effect.NONE,
    query=(
        Parameter("ids", "list", limits=(Items(1, 2),)),
        Parameter("pageSize", "integer", limits=(Range(30, 100),)),
        Parameter("word", limits=(Length(2, 4), Pattern("[a-z]+"))),
    ),
)


def made(**changes: Any) -> Operation[Any]:
    """Make an operation, some of it wrong."""
    facts: dict[str, Any] = {
        "name": "odd",
        "route": "POST /odd/{id}",
        "returns": Gift,
        "quota": SLOW,
        "effect": Effect.ONCE,
    }
    return Operation(**{**facts, **changes})


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
    assert LOOK(path={"giftId": "1"}, query={"kinds": {"A"}, "word": Secret("x")}).query == {
        "kinds": "A",
        "word": "x",
    }


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
        ({"kinds": ["a", 5]}, "kinds: holds something that is no text, or a comma"),
        ({"kinds": 5}, "kinds: a int cannot be written as list"),
        ({"kinds": []}, "kinds: is empty: leave it out to get all"),
        ({"kinds": ""}, "kinds: is empty: leave it out to get all"),
        ({"word": 5}, "word: a int cannot be written as text"),
        ({"sinc": "x"}, "sinc: look has no such parameter (it has: since, kinds, deep, most, word)"),
    ],
)
def test_a_wrong_or_misspelt_parameter_is_refused(query: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        LOOK(path={"giftId": "1"}, query=query)
    assert str(caught.value).startswith(text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"ids": ["a", "b", "c"]}, "ids: has 3 entries; Amazon takes 1 to 2"),
        ({"ids": "a,b,c"}, "ids: has 3 entries; Amazon takes 1 to 2"),
        ({"pageSize": 29}, "pageSize: must be from 30 to 100"),
        ({"pageSize": "101"}, "pageSize: must be from 30 to 100"),
        ({"word": "a"}, "word: has 1 characters; Amazon takes 2 to 4"),
        ({"word": "ab1"}, "word: does not have the form [a-z]+"),
    ],
)
def test_d4_a_parameter_has_limits_as_a_body_has(query: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        LIMITED(query=query)
    assert str(caught.value) == text


def test_d4_what_is_within_the_limits_is_written() -> None:
    call = LIMITED(query={"ids": ["a", "b"], "pageSize": 30, "word": "abcd"})
    assert call.query == {"ids": "a,b", "pageSize": "30", "word": "abcd"}
    words = {"ids": "a,b", "pageSize": "TEST_CASE_400", "word": "ab"}
    assert LIMITED(query=words).query == words


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
    wrong: Any = {"text": "x"}
    with pytest.raises(InvalidRequestError, match="buy takes Wish, not dict"):
        BUY(body=wrong)
    with pytest.raises(InvalidRequestError, match="drop takes no body, not Wish"):
        DROP(path={"giftId": "1"}, body=Wish(text="x"))


def test_arguments_become_a_call_and_its_options_and_are_taken_away() -> None:
    since = datetime(2026, 1, 31, 12, tzinfo=UTC)
    arguments: dict[str, object] = {"since": since, "most": 5, "deadline": 7.0, "word": None, "pii": ()}
    call, options = LOOK.split(arguments, path={"giftId": "1"})
    assert call == LOOK(path={"giftId": "1"}, query={"since": since, "most": 5})
    assert options == {"deadline": 7.0, "pii": ()}
    assert arguments == {}


def test_arguments_that_are_refused_are_taken_away_too() -> None:
    for wrong in ({"word": "a", "wrod": "b"}, {"word": 5}):
        arguments: dict[str, object] = {**wrong}
        with pytest.raises((TypeError, InvalidRequestError)):
            LOOK.split(arguments, path={"giftId": "1"})
        assert arguments == {}


def test_the_names_of_arguments_follow_from_the_wire_names() -> None:
    names = ["NextToken", "IsISPU", "createdAfter", "x-amzn-Some-Key", "maxResultsPerPage"]
    assert [Parameter(name).python_name for name in names] == [
        "next_token",
        "is_ispu",
        "created_after",
        "x_amzn_some_key",
        "max_results_per_page",
    ]
    assert Parameter("isPOChanged", python="is_po_changed").python_name == "is_po_changed"


def test_a_call_is_data_that_compares_pickles_and_copies() -> None:
    call = BUY(body=Wish(text="x")).with_key("k")
    for one in (call, call.freeze(), GET_ORDER_ADDRESS(path={"orderId": "1"})):
        for twin in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one)):
            assert twin == one
            assert twin.content == one.content
    assert call != BUY(body=Wish(text="y")).with_key("k")
    assert call != call.freeze()
    assert call != "a call"
    assert repr(call) == "<Call buy: POST /gifts>"
    with pytest.raises(TypeError):
        hash(call)


def test_a7_the_bytes_are_fixed_once_and_do_not_follow_the_body() -> None:
    wish = Wish(text="x")
    frozen = BUY(body=wish).with_key("k").freeze()
    assert frozen.content == encode_request(wish) == b'{"text":"x"}'
    wish.text = "changed"
    assert frozen.freeze() is frozen
    assert frozen.with_key("other").content == b'{"text":"x"}'
    assert pickle.loads(pickle.dumps(frozen)).content == b'{"text":"x"}'


def test_a7_a_call_without_a_body_has_no_bytes_to_fix() -> None:
    call = DROP(path={"giftId": "1"})
    assert call.freeze() is call
    with pytest.raises(InvalidRequestError, match="text: has 11 characters"):
        BUY(body=Wish(text="x" * 11)).freeze()


def test_a_key_is_made_once_and_then_kept() -> None:
    call = BUY(body=Wish(text="x"))
    assert call.key is None
    keyed = call.with_key()
    assert UUID(keyed.key or "").version == 4
    assert keyed.with_key() == keyed
    assert keyed.with_key("mine").key == "mine"
    assert call.with_key().key != keyed.key
    assert BUY(body=Wish(text="x"), headers={"x-key": "given"}).key == "given"
    assert BUY(body=Wish(text="x"), headers={"x-key": None}).key is None


@pytest.mark.parametrize("key", ["", " ", " a", "a\n", "a\x7f", "ключ", None, 5, b"x", ["a"]])
def test_a5_what_is_no_key_is_refused(key: Any) -> None:
    call = BUY(body=Wish(text="x"))
    with pytest.raises(InvalidRequestError, match="idempotency_key: "):
        call.with_key(key)
    if key is not None:
        with pytest.raises(InvalidRequestError, match=r"x-key: .*idempotency key") as caught:
            BUY(body=Wish(text="x"), headers={"x-key": key})
        assert "ключ" not in str(caught.value)


def test_a5_a_uuid_is_taken_as_its_text() -> None:
    key = uuid4()
    assert BUY(body=Wish(text="x")).with_key(key).key == str(key)
    assert BUY(body=Wish(text="x"), headers={"x-key": key}).key == str(key)


def test_an_operation_without_a_key_takes_none() -> None:
    call = GRAB(body=Wish(text="x"))
    assert call.key is None
    with pytest.raises(InvalidRequestError, match="takes no idempotency key"):
        call.with_key("k")
    with pytest.raises(InvalidRequestError, match="takes no idempotency key"):
        GRAB.make_key(Wish(text="x"))


def test_a_derived_key_is_a_function_of_the_named_fields() -> None:
    keyed = made(body=Gift, effect=Effect.KEYED, headers=(KEY,), key=derived("giftId"), route="POST /k")
    first, again, other = (
        keyed(body=gift).with_key().key
        for gift in (Gift(gift_id="1"), Gift(gift_id="1", notes=["x"]), Gift(gift_id="2"))
    )
    assert first == again
    assert first != other
    assert keyed.derives_key
    assert not BUY.derives_key


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"returns": dict}, "returns=<class 'dict'>"),
        ({"returns": list}, "returns=<class 'list'>"),
        ({"returns": str}, "returns=<class 'str'>"),
        ({"returns": None}, "returns=None"),
        ({"returns": "Gift"}, "returns='Gift'"),
        ({"returns": list[object]}, "returns=list"),
        ({"returns": dict[int, str]}, "returns=dict"),
        ({"body": dict}, "body= is no model"),
        ({"body": Wish(text="x")}, "body= is no model"),
        ({"name": ""}, "operationId as its name"),
        ({"name": "two\nlines"}, "operationId as its name"),
        ({"route": "FETCH /odd"}, "no route"),
        ({"route": "GET odd"}, "no route"),
        ({"route": "GET /odd?x=1"}, "no route"),
        ({"route": "GET /odd/x{id}"}, "no route"),
        ({"route": "GET /odd/{id"}, "no route"),
        ({"route": "GET /odd/"}, "no route"),
        ({"route": "GET /{id}/{id}"}, "path parameter 'id' stands twice"),
        ({"query": (Parameter("a"), Parameter("a"))}, "query parameter 'a' stands twice"),
        ({"query": (Parameter(""),)}, "has no name"),
        ({"query": (Parameter("a-b"), Parameter("a_b"))}, "argument 'a_b' stands twice"),
        ({"headers": (Parameter("X-A"), Parameter("x-a"))}, "header 'x-a' stands twice"),
        ({"headers": (Parameter("x a"),)}, "'x a' is no header"),
        ({"headers": (Parameter("x-a\r\n"),)}, "is no header"),
        ({"headers": (Parameter("X-Amz-Access-Token"),)}, "is no header"),
        ({"query": (Parameter("a", limits=(Items(1, 2),)),)}, "'a' is text, and has the limit Items"),
        ({"query": (Parameter("a", datasets={"x": "y"}), Parameter("b", datasets={}))}, "has datasets"),
        ({"quota": Quota(0, 1)}, "lets nothing through"),
        ({"quota": Quota(float("nan"), 1)}, "lets nothing through"),
        ({"quota": Quota(float("inf"), 1)}, "lets nothing through"),
        ({"quota": Quota(1, 0)}, "lets nothing through"),
        ({"scope": "s", "restricted": ()}, "acts without a seller"),
        ({"effect": Effect.KEYED}, "if, and only if, it is KEYED"),
        ({"headers": (Parameter("k", is_key=True),)}, "if, and only if, it is KEYED"),
        ({"key": random_key}, "if, and only if, it is KEYED"),
        ({"effect": Effect.KEYED, "headers": (KEY,), "key": derived("text")}, "'text', which the body does"),
        (
            {"effect": Effect.KEYED, "headers": (KEY,), "body": Wish, "key": derived("txt")},
            "'txt', which Wish does",
        ),
        ({"effect": Effect.KEYED, "headers": (KEY,), "body": Wish, "key": derived()}, "from no field"),
    ],
    ids=str,
)
def test_a10_what_could_only_fail_is_refused_when_the_operation_is_made(
    changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ValueError, match=f"^{changes.get('name', 'odd') or 'POST'}.*{text}"):
        made(**changes)


@pytest.mark.parametrize(
    "key",
    ["random", "text", ("text",), ["text"], derived, type(random_key), "", ()],
    ids=lambda key: type(key).__name__,
)
def test_a_rule_for_keys_that_is_none_is_refused(key: Any) -> None:
    with pytest.raises(ValueError, match="key= is random_key, or derived"):
        made(effect=Effect.KEYED, headers=(KEY,), body=Wish, key=key)


@pytest.mark.parametrize(
    "returns", [Gift, list[Gift], dict[str, Any], dict[str, Gift], list[dict[str, Any]], bytes, type(None)]
)
def test_a10_what_an_answer_can_be_read_as_is_taken(returns: Any) -> None:
    assert made(returns=returns).returns == returns


def test_a10_pages_need_their_parameter() -> None:
    with pytest.raises(ValueError, match="odd: 'page' names a page, and is no query parameter"):
        PagedOperation(
            "odd",
            "GET /odd",
            returns=Page,
            quota=SLOW,
            effect=Effect.NONE,
            pages=Paging[Page, Gift]("page", lambda page: page.gifts, lambda _: None),
        )


def test_an_operation_never_changes() -> None:
    operation: Any = BUY
    for change in (
        lambda: setattr(operation, "quota", Quota(1, 1)),
        lambda: setattr(operation, "other", 1),
        lambda: operation.errors.update(X=Exception),
    ):
        with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
            change()


def test_an_operation_may_name_its_types() -> None:
    named = Operation[Gift]("named", "GET /named", returns=Gift, quota=SLOW, effect=Effect.NONE)
    assert named().operation is named


def test_an_operation_is_the_same_as_another_of_its_name_and_route() -> None:
    twin = Operation("grab", "POST /grab", body=Wish, returns=GRAB.returns, quota=SLOW, effect=Effect.ONCE)
    assert twin == GRAB
    assert hash(twin) == hash(GRAB)
    assert twin != BUY
    assert twin != "grab"
    assert repr(LIST) == "<PagedOperation list: GET /gifts>"


def test_what_an_operation_knows_of_pages() -> None:
    first, second = LIST(query={"kind": "x"}), LIST(query={"kind": "x", "page": "2"})
    assert (LIST.page_token, LOOK.page_token) == ("page", None)
    assert [LIST.is_page(call) for call in (first, second)] == [False, True]
    assert not LOOK.is_page(LOOK(path={"giftId": "1"}))
    assert LOOK.next_call(LOOK(path={"giftId": "1"}), Gift(gift_id="1")) is None


@pytest.mark.parametrize("operation", [LIST, BUY, GET_ORDER], ids=repr)
def test_a_constant_pickles_by_reference_and_copies_are_itself(operation: Operation[Any]) -> None:
    assert pickle.loads(pickle.dumps(operation)) is operation
    assert copy.copy(operation) is copy.deepcopy(operation) is operation


def test_a_constant_is_known_by_its_package() -> None:
    assert str(GET_ORDER.reference) == "spshipping.orders.v0.GET_ORDER"
    assert str(BUY.reference) == "tests.unit.samples.BUY"


def _note(_call: object, _before: object) -> None:
    """Do nothing before the first attempt."""


@pytest.mark.parametrize("module", ["__main__", "__mp_main__"])
def test_what_belongs_to_the_program_itself_is_no_constant_elsewhere(module: str) -> None:
    assert reference_of(BUY, module) is None


def test_an_operation_that_is_no_constant_pickles_by_value() -> None:
    local = made(before=_note, restricted=("x",), errors={"X": RateExpiredError})
    assert local.reference is None
    twin = pickle.loads(pickle.dumps(local))
    assert twin == local
    assert twin is not local
    assert (twin.before, twin.restricted, twin.errors) == (local.before, local.restricted, local.errors)
    assert twin(path={"id": "1"}) == local(path={"id": "1"})


@pytest.mark.parametrize("operation", [made(restricted=()), GET_ORDER_ADDRESS], ids=repr)
def test_d5_a_call_whose_whole_answer_is_personal_always_asks_for_it(operation: Operation[Any]) -> None:
    call = operation(path=dict.fromkeys(operation.path_names, "1"))
    assert call.pii == frozenset()
    assert call.with_pii(()).pii == frozenset()
    with pytest.raises(InvalidRequestError, match=r"pii: .*the whole answer is personal"):
        call.with_pii(["buyerInfo"])


def test_d5_elsewhere_no_element_asks_for_nothing() -> None:
    call = GET_ORDER(path={"orderId": "1"})
    assert call.pii is None
    assert call.with_pii(()).pii is None
    assert call.with_pii(["buyerInfo"]).pii == frozenset({"buyerInfo"})
    assert call.with_pii(["buyerInfo"]).with_pii([]).pii is None
    assert LOOK(path={"giftId": "1"}).with_pii(["buyerInfo"]).pii is None


def test_the_names_of_the_package_are_loaded_when_they_are_used() -> None:
    assert set(operation.__all__) <= set(dir(operation))
    known = {name: getattr(operation, name) for name in operation.__all__}
    anew = importlib.reload(operation)
    assert {name: getattr(anew, name) for name in operation.__all__} == known
    with pytest.raises(AttributeError, match="no attribute 'Opreation'"):
        operation.Opreation  # type: ignore[attr-defined]  # noqa: B018 - the point of the test
