"""From a request to what goes over the line: routing, access, quota, validation, faults, books."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import uuid4

from werkzeug import Request
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from spshipping import shipping as domain
from spshipping.operation import Operation
from spshipping.regions import ShippingBusiness
from spshipping.sandbox import validate
from spshipping.sandbox.access import denied, opened
from spshipping.sandbox.answers import JSON, Answer, RefusedError
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.faults import KINDS, Exchange, Faults, Sent
from spshipping.sandbox.ledger import Ledger, Seen, TokenSeen
from spshipping.sandbox.quota import Quotas
from spshipping.sandbox.signatures import Verifier
from spshipping.sandbox.tokens import Grant, Tokens

TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - a path
KEY = "x-amzn-IdempotencyKey"
TARGET = "sandbox.target"
"""Where the WSGI environment has the target of the request line, in its raw bytes."""
_NOTED = ("Accept", "Content-Type", "Content-Length", "x-amz-date", "locale", "Connection")


class Asked(NamedTuple):
    """A request that may be carried out."""

    operation: str
    seller: str
    """Or the client, where the operation has no seller."""
    business: ShippingBusiness
    path: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    key: str | None
    elements: frozenset[str] = frozenset()
    """The data elements of personal data that the token opens."""


Action = Callable[[Asked], Answer]


def of_shipping(actions: Mapping[str, Action]) -> Iterator[tuple[Operation[Any], Action]]:
    """Yield the operations of Amazon Shipping that *actions* answer by their name."""
    for name in domain.__all__:
        operation = getattr(domain, name)
        if isinstance(operation, Operation) and operation.name in actions:
            yield operation, actions[operation.name]


class App:
    """Answers requests; knows nothing of sockets."""

    def __init__(
        self,
        served: Iterable[tuple[Operation[Any], Action]],
        *,
        clock: SandboxClock,
        ledger: Ledger,
        tokens: Tokens,
        quotas: Quotas,
        faults: Faults,
        verifier: Verifier | None = None,
    ) -> None:
        self.clock = clock
        self.ledger = ledger
        self.tokens = tokens
        self.quotas = quotas
        self.faults = faults
        self.verifier = verifier
        self._served = {operation.route: (operation, action) for operation, action in served}
        self._routes = self._mapped()

    def add(self, operation: Operation[Any], action: Action) -> None:
        """Answer a further operation, or one in place of what answered its route so far."""
        self._served[operation.route] = (operation, action)
        self._routes = self._mapped()

    def _mapped(self) -> Map:
        return Map([_rule(operation) for operation, _ in self._served.values()], merge_slashes=False)

    def act(self, operation: Operation[Any], asked: Asked) -> Answer:
        """Carry out what is asked."""
        return self._served[operation.route][1](asked)

    def answer(self, request: Request, body: bytes, connection: int) -> Sent:
        """Answer one request, or let a fault have it."""
        if request.path == TOKEN_PATH and request.method == "POST":
            return self._answer_token(request, body)
        visit = _Visit(self, request, body)
        operation = visit.operation
        names = (operation.name, operation.route, "*") if operation else ()
        sent, fault = self._strike(names, visit)
        headers = request.headers
        self.ledger.add(
            Seen(
                time=self.clock.now(),
                operation=operation.name if operation else None,
                route=operation.route if operation else None,
                method=request.method,
                path=request.path,
                query=request.query_string.decode("latin-1"),
                status=sent.answer.status if sent.answer else None,
                fault=fault,
                seller=visit.seller,
                business=headers.get(validate.BUSINESS),
                key=headers.get(KEY),
                user_agent=headers.get("User-Agent"),
                headers={name: headers[name] for name in _NOTED if name in headers},
                body_digest=hashlib.sha256(body).hexdigest(),
                connection=connection,
                token=self.tokens.kind_of(headers.get("x-amz-access-token")),
            )
        )
        return sent

    def _answer_token(self, request: Request, body: bytes) -> Sent:
        visit = _TokenVisit(self.tokens, body, request.headers)
        sent, fault = self._strike(("lwa",), visit)
        grant = visit.grant
        self.ledger.add(
            TokenSeen(
                time=self.clock.now(),
                grant_type=grant.grant_type if grant else None,
                client_id=grant.client_id if grant else None,
                seller=grant.seller if grant else None,
                status=sent.answer.status if sent.answer else None,
                fault=fault,
                user_agent=request.headers.get("User-Agent"),
                content_type=request.headers.get("Content-Type"),
            )
        )
        return sent

    def _strike(self, names: tuple[str, ...], visit: Exchange) -> tuple[Sent, str | None]:
        fault = self.faults.take(names)
        if fault is None:
            return Sent(visit.perform()), None
        return KINDS[fault.kind](fault, visit), fault.kind

    def route(self, request: Request) -> tuple[Operation[Any] | None, dict[str, str]]:
        """Return the operation that a request is for, and its path parameters."""
        adapter = self._routes.bind("sandbox")
        try:
            operation, arguments = adapter.match(request.path, request.method)
        except HTTPException:
            return None, {}
        return operation, dict(arguments)


def _rule(operation: Operation[Any]) -> Rule:
    path = operation.path.replace("{", "<").replace("}", ">")
    return Rule(path, methods=[operation.method], endpoint=operation)


class _Visit:
    """One request for an operation."""

    def __init__(self, app: App, request: Request, body: bytes) -> None:
        self._app = app
        self._request = request
        self._body = body
        self.operation, self._path = app.route(request)
        self.seller: str | None = None

    @property
    def returns(self) -> Any:
        """The model of the payload."""
        return self.operation.returns if self.operation else None

    def perform(self) -> Answer:
        """Carry the request out, or say why not."""
        try:
            return self.refuse(self._carry_out())
        except RefusedError as refused:
            return self.refuse(refused.answer)

    def refuse(self, answer: Answer) -> Answer:
        """Return *answer* with the headers that Amazon adds; none where access is denied."""
        if answer.content_type != JSON or answer.status == 403 or self.operation is None:
            return answer
        headers = {"x-amzn-RequestId": str(uuid4())}
        if answer.status != 429:
            headers["x-amzn-RateLimit-Limit"] = str(float(self._app.quotas.plan(self.operation)[0]))
        return answer.with_headers(headers)

    def _carry_out(self) -> Answer:
        app, request, operation = self._app, self._request, self.operation
        stopped = validate.edge(request.method, request.headers, self._body)
        if stopped:
            return stopped
        if app.verifier:
            target = request.environ[TARGET]
            refused = app.verifier.refuse(request.method, target, request.headers, self._body)
            if refused:
                return refused
        if operation is None:
            return denied("")
        bearer = app.tokens.bearer_of(request.headers.get("x-amz-access-token"))
        self.seller = bearer.seller
        elements = opened(bearer, operation, request.path)
        app.quotas.take(bearer.holder, operation)
        asked = Asked(
            operation=operation.name,
            seller=bearer.holder,
            business=validate.business_of(request.headers),
            path=self._path,
            query=validate.query_of(operation, request.args),
            body=validate.body_of(operation, self._body, request.headers.get("Content-Type", "")),
            key=(request.headers.get(KEY) or None) if operation.key_header else None,
            elements=elements,
        )
        return app.act(operation, asked)


class _TokenVisit:
    """One request for an access token."""

    returns = None

    def __init__(self, tokens: Tokens, body: bytes, headers: Headers) -> None:
        self._tokens = tokens
        self._body = body
        self._headers = headers
        self.grant: Grant | None = None

    def perform(self) -> Answer:
        """Give a token, or say why not."""
        self.grant = self._tokens.grant(self._body, self._headers)
        return self.grant.answer

    def refuse(self, answer: Answer) -> Answer:
        """Return *answer* as it is."""
        return answer
