from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spshipping import ConfigurationError, InvalidRequestError
from spshipping.transport.build import build, user_agent
from spshipping.transport.http import HttpRequest
from tests.unit.samples import BUSINESS, BUY, DROP, LOOK, Wish

HOST = "https://example.com"


def request_for(gift: str = "1", **query: str) -> HttpRequest:
    return build(LOOK(path={"giftId": gift}, query=query), HOST, "agent", {})


def test_a_get_has_neither_body_nor_content_type() -> None:
    request = request_for()
    assert (request.method, request.url, request.body) == ("GET", f"{HOST}/gifts/1", None)
    assert "content-type" not in request.headers
    assert request.headers["user-agent"] == "agent"


def test_a_body_is_json_and_a_put_without_one_says_so() -> None:
    call = BUY(body=Wish(text="é"), headers={"x-key": "k"})
    request = build(call, HOST, "agent", {})
    assert request.body == '{"text":"é"}'.encode()
    assert request.headers["content-type"] == "application/json"
    assert request.headers["x-key"] == "k"
    assert build(DROP(path={"giftId": "1"}), HOST, "agent", {}).body == b""


@pytest.mark.parametrize("gift", ["a/b", "1?x=1", "1#f", "a b", "é", "%2e%2e", "a+b&c=d", "..."])
def test_case_59_a_path_parameter_stays_in_its_segment(gift: str) -> None:
    parts = urlsplit(request_for(gift).url)
    assert unquote(parts.path) == f"/gifts/{gift}"
    assert parts.path.count("/") == 2
    assert (parts.query, parts.fragment) == ("", "")


@given(st.text(st.characters(codec="utf-8"), min_size=1))
def test_case_59_any_printable_text_is_one_segment_and_comes_out_unchanged(gift: str) -> None:
    try:
        call = LOOK(path={"giftId": gift})
    except InvalidRequestError:
        assert gift.strip() in ("", ".", "..") or not gift.isprintable()
        return
    segments = urlsplit(build(call, HOST, "a", {}).url).path.split("/")
    assert [unquote(segment) for segment in segments] == ["", "gifts", gift]


def test_case_60_the_query_is_encoded_so_that_nothing_in_it_means_anything() -> None:
    request = request_for(word="a+b/c==%2F|é &x", kinds="A,B")
    assert request.url == f"{HOST}/gifts/1?kinds=A%2CB&word=a%2Bb%2Fc%3D%3D%252F%7C%C3%A9%20%26x"


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="word: holds half"):
        request_for(word="\ud800")


def test_a_header_from_the_client_is_filled_in_unless_the_call_has_one() -> None:
    call = LOOK(path={"giftId": "1"})
    mine = LOOK(path={"giftId": "1"}, headers={BUSINESS.name: "AmazonShipping_FR"})
    known = {BUSINESS.name: "AmazonShipping_UK"}
    assert build(call, HOST, "a", known).headers[BUSINESS.name] == "AmazonShipping_UK"
    assert build(mine, HOST, "a", known).headers[BUSINESS.name] == "AmazonShipping_FR"
    unknown = {BUSINESS.name: ConfigurationError("say which")}
    assert build(mine, HOST, "a", unknown).headers[BUSINESS.name] == "AmazonShipping_FR"
    with pytest.raises(ConfigurationError, match="say which"):
        build(call, HOST, "a", unknown)


@pytest.mark.parametrize("key", ["", "a\r\nb", " a", "ключ", "a\x7f"])
def test_a_header_that_cannot_be_sent_is_refused_without_its_value(key: str) -> None:
    call = LOOK(path={"giftId": "1"}, headers={BUSINESS.name: key})
    with pytest.raises(InvalidRequestError, match=f"{BUSINESS.name}: is empty, not ASCII") as caught:
        build(call, HOST, "a", {})
    assert "ключ" not in str(caught.value)


def test_the_user_agent_has_amazons_form() -> None:
    assert user_agent(None).startswith("spshipping/")
    assert "(Language=Python/3." in user_agent(None)
    mine = user_agent("MyShop/1.2")
    assert mine.startswith("MyShop/1.2 (Language=Python/")
    assert "; Library=spshipping/" in mine
    for bad in ("é", "a\nb", " a", "a" * 201):
        with pytest.raises(ConfigurationError, match="application="):
            user_agent(bad)


def test_a_request_shows_neither_headers_nor_query_nor_body() -> None:
    request = request_for(word="secret").with_header("x-amz-access-token", "Atza|secret")
    assert repr(request) == "<HttpRequest GET>"
    assert request.headers["x-amz-access-token"] == "Atza|secret"
