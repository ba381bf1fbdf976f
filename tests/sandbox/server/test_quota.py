"""Usage plans, on sandbox time."""

import pytest

from spshipping.sandbox import Sandbox
from tests.sandbox.server.world import Shop, refusal


def statuses(shop: Shop, number: int) -> list[int]:
    return [shop.cancel("none").status_code for _ in range(number)]


def test_an_empty_bucket_refuses_without_saying_when_to_come_back() -> None:
    with Sandbox(quotas={"getRates": (0.01, 2)}) as sandbox:
        shop = Shop(sandbox)
        assert [shop.rates().status_code for _ in range(3)] == [200, 200, 429]
        answer = shop.rates()
        shop.close()
    text = "You exceeded your quota for the requested resource. "
    assert refusal(answer) == (429, "QuotaExceeded", text)
    assert answer.headers["x-amzn-ErrorType"] == "TooManyRequestsException"
    assert answer.headers["x-amzn-RequestId"]
    assert "Retry-After" not in answer.headers
    assert "x-amzn-RateLimit-Limit" not in answer.headers


def test_a_bucket_fills_with_sandbox_time_and_no_further_than_its_burst() -> None:
    with Sandbox(quotas={"cancelShipment": (0.01, 2)}) as sandbox:
        shop = Shop(sandbox)
        assert statuses(shop, 3) == [404, 404, 429]
        sandbox.clock.advance(101)
        assert statuses(shop, 2) == [404, 429]
        sandbox.clock.advance(10_000)
        assert statuses(shop, 1) == [403]  # the token has expired meanwhile
        shop.close()
        again = Shop(sandbox)
        assert statuses(again, 3) == [404, 404, 429]
        again.close()


def test_each_seller_and_each_operation_has_a_bucket_of_its_own() -> None:
    with Sandbox(quotas={"cancelShipment": (0.01, 1)}) as sandbox:
        sandbox.add_seller("Atzr|other")
        first, second = Shop(sandbox), Shop(sandbox, "Atzr|other")
        assert statuses(first, 2) == [404, 429]
        assert statuses(second, 2) == [404, 429]
        assert first.rates().status_code == 200
        first.close()
        second.close()


def test_quotas_can_be_switched_off() -> None:
    with Sandbox(quotas=False) as sandbox:
        shop = Shop(sandbox)
        assert set(statuses(shop, 120)) == {404}
        shop.close()


@pytest.mark.parametrize("rate", [5.0, 0.5])
def test_the_rate_header_tells_the_plan(rate: float) -> None:
    with Sandbox(quotas={"cancelShipment": (rate, 10)}) as sandbox:
        shop = Shop(sandbox)
        assert shop.cancel("none").headers["x-amzn-RateLimit-Limit"] == str(rate)
        assert shop.rates().headers["x-amzn-RateLimit-Limit"] == "80.0"
        shop.close()
