"""responses, requests-mock and aioresponses with the client they are for, before and after real calls."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Protocol

import aiohttp
import aioresponses
import pytest
import requests
import requests_mock
import responses

from spshipping import OutcomeUnknownError, TransportError
from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse
from tests.recorders.stage import BUY, TOKEN, TOKEN_PATH, WORD, Origin, OverAiohttp, OverRequests, Stage

MOCKED = {"word": "mocked"}


class Mock(Protocol):
    """One of the mocks."""

    def stage(self) -> Stage:
        """Return the client that it is for."""
        ...

    @contextmanager
    def answering(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and calls with what was mocked."""
        yield

    @contextmanager
    def failing(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and let every call end as a broken connection does."""
        yield


class Responses:
    """responses."""

    def stage(self) -> Stage:
        """Return the client that it is for."""
        return OverRequests()

    @contextmanager
    def answering(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and calls with what was mocked."""
        with responses.RequestsMock() as mock:
            mock.add(responses.POST, url + TOKEN_PATH, json=TOKEN)
            mock.add(responses.GET, url + "/word", json=MOCKED)
            yield

    @contextmanager
    def failing(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and let every call end as a broken connection does."""
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            mock.add(responses.POST, url + TOKEN_PATH, json=TOKEN)
            mock.add(responses.GET, url + "/word", body=requests.ConnectionError("mocked"))
            mock.add(responses.POST, url + "/buy", body=requests.ConnectionError("mocked"))
            yield


class RequestsMock:
    """requests-mock."""

    def stage(self) -> Stage:
        """Return the client that it is for."""
        return OverRequests()

    @contextmanager
    def answering(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and calls with what was mocked."""
        with requests_mock.Mocker() as mock:
            mock.post(url + TOKEN_PATH, json=TOKEN)
            mock.get(url + "/word", json=MOCKED)
            yield
            assert mock.call_count == 2

    @contextmanager
    def failing(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and let every call end as a broken connection does."""
        with requests_mock.Mocker() as mock:
            mock.post(url + TOKEN_PATH, json=TOKEN)
            mock.get(url + "/word", exc=requests.ConnectionError("mocked"))
            mock.post(url + "/buy", exc=requests.ConnectionError("mocked"))
            yield


class _Response(aiohttp.ClientResponse):
    """What aiohttp 3.14 wants of a response, and aioresponses does not give it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if "stream_writer" in inspect.signature(aiohttp.ClientResponse.__init__).parameters:
            kwargs.setdefault("stream_writer", SimpleNamespace(output_size=0))
        super().__init__(*args, **kwargs)


class AioResponses:
    """aioresponses."""

    def stage(self) -> Stage:
        """Return the client that it is for."""
        return OverAiohttp()

    @contextmanager
    def answering(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and calls with what was mocked."""
        with aioresponses.aioresponses() as mock:
            mock.post(url + TOKEN_PATH, payload=TOKEN, response_class=_Response)
            mock.get(url + "/word", payload=MOCKED, response_class=_Response)
            yield
            assert len(mock.requests) == 2

    @contextmanager
    def failing(self, url: str) -> Iterator[None]:
        """Answer sign-ins, and let every call end as a broken connection does."""
        with aioresponses.aioresponses() as mock:
            mock.post(url + TOKEN_PATH, payload=TOKEN, response_class=_Response)
            mock.get(url + "/word", exception=aiohttp.ClientConnectionError("mocked"))
            mock.post(url + "/buy", exception=aiohttp.ClientConnectionError("mocked"))
            yield


@pytest.fixture(params=[Responses, RequestsMock, AioResponses])
def mock(request: pytest.FixtureRequest) -> Mock:
    made: Mock = request.param()
    return made


@pytest.fixture
def stage(mock: Mock) -> Iterator[Stage]:
    made = mock.stage()
    yield made
    made.close()


@pytest.mark.parametrize("when", ["before", "inside"])
def test_g1_a_mock_answers_sign_ins_and_calls_and_nothing_leaves(
    mock: Mock, stage: Stage, origin: Origin, trusted: str, when: str
) -> None:
    client = stage.client(origin.url, ca_bundle=trusted) if when == "before" else None
    with mock.answering(origin.url):
        client = client or stage.client(origin.url, ca_bundle=trusted)
        assert stage.call(client, WORD()) == MOCKED
    assert origin.paths == []
    # afterwards the same client gets out
    assert stage.call(client, WORD()) == {"word": 1}
    request = HttpRequest("GET", origin.url + "/word", {})
    assert isinstance(stage.exchange(request, trusted), HttpResponse)
    assert request.was_sent is True


def test_g1_a_mock_comes_between_a_client_and_its_idle_connections(
    mock: Mock, stage: Stage, origin: Origin, trusted: str
) -> None:
    before = stage.client(origin.url, ca_bundle=trusted)
    assert stage.call(before, WORD()) == {"word": 2}
    after = stage.client(origin.url, ca_bundle=trusted)
    with mock.answering(origin.url):
        assert stage.call(after, WORD()) == MOCKED
    with pytest.raises(TransportError), mock.failing(origin.url):
        stage.call(before, WORD())
    assert len(origin.paths) == 2
    assert stage.call(before, WORD()) == {"word": 3}


def test_g1_whether_a_mocked_request_was_sent_is_unknown_and_counts_as_sent(
    mock: Mock, stage: Stage, origin: Origin, trusted: str
) -> None:
    request = HttpRequest("POST", origin.url + "/buy", {}, b"{}")
    with mock.failing(origin.url):
        failure = stage.exchange(request, trusted)
        with pytest.raises(OutcomeUnknownError, match="may have been carried out"):
            stage.call(stage.client(origin.url, ca_bundle=trusted), BUY())
    assert isinstance(failure, HttpFailure)
    assert (failure.kind, failure.was_sent, request.was_sent) == ("cut", True, None)
    assert origin.paths == []
