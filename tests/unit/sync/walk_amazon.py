"""Amazon as a random walk of a sync meets it: orders that change, and whatever can go wrong between."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from spshipping.transport.http import HttpFailure, HttpRequest, HttpResponse, Limits
from spshipping.wire.times import read_time, write_time
from tests.kit import FakeClock, ScriptedTransport, answer, refusal

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LIFETIME = timedelta(hours=24)
Answer = HttpResponse | HttpFailure


class Killed(BaseException):
    """Stands for the end of the process."""


class JumpingClock(FakeClock):
    """A machine's clock, which somebody may set wrong; the time that really passes is `elapsed`."""

    def __init__(self) -> None:
        super().__init__()
        self.wrong = 0.0
        """Seconds by which this machine's clock is ahead."""

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.wrong)

    def true(self) -> datetime:
        """Return the time that it really is."""
        return super().now()


class Troubled(ScriptedTransport):
    """Carries requests for one seller: signs in, refuses now and then, and answers the rest."""

    def __init__(self, draw: Random, clock: JumpingClock) -> None:
        super().__init__()
        self.draw, self.clock = draw, clock
        self.trouble = 0.0
        """How many of a hundred requests meet trouble."""
        self.ahead = 0.0
        """Seconds by which Amazon's clock is ahead of the true time."""
        self.count = 0
        """Requests so far."""
        self.has_broken_tokens = False
        """Whether a page token was given or refused that lets pages come again."""

    def now(self) -> datetime:
        """Return the time by Amazon's clock."""
        return (self.clock.true() + timedelta(seconds=self.ahead)).replace(microsecond=0)

    def does(self, percent: float) -> bool:
        """Draw whether something happens, while there is trouble at all."""
        return bool(self.trouble) and self.draw.random() * 100 < percent

    def exchange(self, request: HttpRequest, limits: Limits) -> Answer:
        request.was_sent = True
        self.count += 1
        self.clock.elapsed += 0.05
        url = urlsplit(request.url)
        if url.path == "/auth/o2/token":
            self.sign_ins += 1
            return answer(200, {"access_token": f"Atza|{self.sign_ins}", "expires_in": 3600})
        if self.does(self.trouble):
            refused = self._trouble(limits)
            if refused is not None:
                return refused
        query = {name: value for name, (value,) in parse_qs(url.query).items()}
        came = self.answers(url.path, query)
        if came.status == 200 and self.does(2):
            came = HttpResponse(200, came.headers, came.body[: len(came.body) // 2])  # torn
        return self._dated(came)

    def _dated(self, came: HttpResponse) -> HttpResponse:
        date = format_datetime(self.now().astimezone(UTC), usegmt=True)
        return HttpResponse(came.status, {**came.headers, "date": date}, came.body)

    def _trouble(self, limits: Limits) -> Answer | None:
        kind = self.draw.randrange(8)
        if kind == 0:
            raise Killed
        if kind == 1:
            after = {"retry_after": str(self.draw.choice([1, 30, 400]))} if self.does(30) else {}
            return self._dated(refusal(429, "QuotaExceeded", **after))
        if kind == 2:
            return self._dated(refusal(self.draw.choice([500, 503]), "InternalFailure"))
        if kind == 3:  # a proxy, with a clock of its own
            return HttpResponse(503, {"date": "Thu, 01 Jan 1970 00:00:00 GMT"}, b"<html>")
        if kind == 4:
            self.clock.elapsed += min(20.0, max(0.0, limits.ends_at - self.clock.monotonic()))
            return HttpFailure(self.draw.choice(["timeout", "cut"]), True)
        if kind == 5:
            return HttpFailure("connect", False)
        if kind == 6:
            return self._dated(
                refusal(403, "Unauthorized", details="The access token you provided has expired.")
            )
        self.clock.elapsed += self.draw.uniform(0, 30)  # a slow answer
        return None

    def answers(self, path: str, query: dict[str, str]) -> HttpResponse:
        """Answer a request that gets through."""
        raise NotImplementedError


class Orders(Troubled):
    """Orders 2026-01-01, and the lists and single orders of Orders v0."""

    def __init__(self, draw: Random, clock: JumpingClock) -> None:
        super().__init__(draw, clock)
        self.states: dict[str, tuple[datetime, int]] = {}
        """When each order was last changed, and how often."""
        self._lost: set[str] = set()

    def change(self, key: str, ago: timedelta = timedelta()) -> None:
        """Change an order, or place it."""
        before, count = self.states.get(key, (datetime.min.replace(tzinfo=UTC), 0))
        self.states[key] = max(before, self.now() - ago), count + 1

    def answers(self, path: str, query: dict[str, str]) -> HttpResponse:
        """Answer a request that gets through."""
        if path == "/orders/2026-01-01/orders":
            return self._search(query)
        if path == "/orders/v0/orders":
            keys = query["AmazonOrderIds"].split(",")
            return answer(200, {"payload": {"Orders": [self._v0(key) for key in keys]}})
        key = path.rsplit("/", 1)[1]
        if key not in self.states:
            return refusal(404, "NotFound")
        return answer(200, {"payload": self._v0(key)} if "/v0/" in path else {"order": self._order(key)})

    def _search(self, query: dict[str, str]) -> HttpResponse:
        after, before = (read_time(query[name]) for name in ("lastUpdatedAfter", "lastUpdatedBefore"))
        if before > self.now() - 2 * MINUTE:
            return refusal(400, "InvalidInput", "lastUpdatedBefore is less than 2 minutes ago")
        token, first = query.get("paginationToken"), ("", "")
        if token is not None:
            made, first = self._opened(token)
            if made is None or self.now() - made > LIFETIME:
                self.has_broken_tokens = True
                return refusal(400, "InvalidInput", "Invalid paginationToken")
        found = sorted((write_time(time), key) for key, (time, _) in self.states.items() if time <= before)
        found = [one for one in found if read_time(one[0]) >= after and one >= first]
        size = int(query["maxResultsPerPage"])
        given = self.draw.randrange(size + 1) if self.does(10) else size
        page, rest = found[:given], found[given:]
        body: dict[str, Any] = {
            "orders": [self._order(key) for _, key in page],
            "lastUpdatedBefore": query["lastUpdatedBefore"],
        }
        following = self._following(query, token, rest, is_full=given == size)
        if following is not None:
            body["pagination"] = {"nextToken": following}
        return answer(200, body)

    def _opened(self, token: str) -> tuple[datetime | None, tuple[str, str]]:
        if token.startswith("wrong"):
            return None, ("", "")
        made, time, key = json.loads(token)
        return read_time(made), (time, key)

    def _following(
        self, query: dict[str, str], token: str | None, rest: list[tuple[str, str]], *, is_full: bool
    ) -> str | None:
        if not rest:
            return None
        place = f"{query['lastUpdatedAfter']} {token}"
        if is_full and place not in self._lost and self.does(4):
            self._lost.add(place)  # once in this place: a page that is requested again has it
            return None
        if self.does(3):
            self.has_broken_tokens = True
            return token if token and self.does(50) else "wrong"
        return json.dumps([write_time(self.now()), *rest[0]])

    def _order(self, key: str) -> dict[str, Any]:
        time, count = self.states[key]
        return {
            "orderId": key,
            "createdTime": "2026-01-01T00:00:00Z",
            "lastUpdatedTime": write_time(time),
            "salesChannel": {"channelName": "AMAZON"},
            "orderItems": [{"orderItemId": "1", "quantityOrdered": count}],
        }

    def _v0(self, key: str) -> dict[str, Any]:
        time, _ = self.states[key]
        return {
            "AmazonOrderId": key,
            "PurchaseDate": "2026-01-01T00:00:00Z",
            "LastUpdateDate": write_time(time),
            "OrderStatus": "Unshipped",
            "OrderType": "StandardOrder",
            "IsISPU": False,
        }
