"""Answers a request for an operation: checks access, quota and form, carries it out, and records it."""

import hashlib
from typing import Any

from werkzeug import Request
from werkzeug.datastructures import Headers

from spshipping.operation import Effect, Operation
from spshipping.operation.routes import Routes
from spshipping.sandbox.access import granted_elements
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.faults import KINDS, Exchange, Faults, Sent
from spshipping.sandbox.headers import ACCESS_TOKEN, BUSINESS, DATE, IDEMPOTENCY_KEY, RATE_LIMIT, REQUEST_ID
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.ledger import SIGN_IN, Ledger, RequestRecord, TokenRequestRecord
from spshipping.sandbox.operations import ApiRequest, Implementation, Implementations
from spshipping.sandbox.quota import Quotas
from spshipping.sandbox.refusals import ACCESS_DENIED, RefusedError, refused
from spshipping.sandbox.responses import JSON, Response
from spshipping.sandbox.signatures import Verifier
from spshipping.sandbox.tokens import Grant, Tokens
from spshipping.sandbox.validation import body_of, business_of, check_edge, query_of

TARGET = "sandbox.target"
"""The key of the WSGI environment under which the target of the request line is, in its raw bytes."""
_RECORDED = ("Accept", "Content-Type", "Content-Length", DATE, "locale", "Connection")


class Api:
    """The operations, and what every request for one of them goes through; it knows nothing of sockets."""

    def __init__(
        self,
        implementations: Implementations,
        *,
        clock: SandboxClock,
        ids: Ids,
        ledger: Ledger,
        tokens: Tokens,
        quotas: Quotas,
        faults: Faults,
        verifier: Verifier | None = None,
    ) -> None:
        self.clock = clock
        self.ids = ids
        self.ledger = ledger
        self.tokens = tokens
        self.quotas = quotas
        self.faults = faults
        self.verifier = verifier
        self.routes: Routes[tuple[Operation[Any], Implementation]] = Routes()
        for operation, implementation in implementations.items():
            self.add(operation, implementation)

    def add(self, operation: Operation[Any], implementation: Implementation) -> None:
        """Add an operation; one of the same route is replaced."""
        self.routes.add(operation.route, (operation, implementation))

    def respond(self, request: Request, body: bytes, connection: int) -> Sent:
        """Answer one request, or let a fault answer it."""
        exchange = _OperationExchange(self, request, body)
        operation, headers = exchange.operation, request.headers
        names = (operation.name, operation.route, "*") if operation else ()
        sent, fault = self._send(names, exchange)
        self.ledger.add(
            RequestRecord(
                time=self.clock.now(),
                operation=operation.name if operation else None,
                route=operation.route if operation else None,
                method=request.method,
                path=request.path,
                query=request.query_string.decode("latin-1"),
                status=sent.response.status if sent.response else None,
                fault=fault,
                seller=exchange.seller,
                business=headers.get(BUSINESS),
                key=headers.get(IDEMPOTENCY_KEY),
                user_agent=headers.get("User-Agent"),
                headers={name: headers[name] for name in _RECORDED if name in headers},
                body_digest=hashlib.sha256(body).hexdigest(),
                connection=connection,
                token=self.tokens.kind_of(headers.get(ACCESS_TOKEN)),
            ),
            body,
        )
        return sent

    def sign_in(self, request: Request, body: bytes) -> Sent:
        """Answer a request for an access token, or let a fault answer it."""
        exchange = _SignInExchange(self.tokens, body, request.headers)
        sent, fault = self._send((SIGN_IN,), exchange)
        grant = exchange.grant
        self.ledger.add(
            TokenRequestRecord(
                time=self.clock.now(),
                grant_type=grant.grant_type if grant else None,
                client_id=grant.client_id if grant else None,
                seller=grant.seller if grant else None,
                status=sent.response.status if sent.response else None,
                fault=fault,
                user_agent=request.headers.get("User-Agent"),
                content_type=request.headers.get("Content-Type"),
            )
        )
        return sent

    def _send(self, names: tuple[str, ...], exchange: Exchange) -> tuple[Sent, str | None]:
        fault = self.faults.take(names)
        if fault is None:
            return Sent(exchange.perform()), None
        return KINDS[fault.kind](fault, exchange), fault.kind


class _OperationExchange:
    """One request for an operation."""

    def __init__(self, api: Api, request: Request, body: bytes) -> None:
        self._api = api
        self._request = request
        self._body = body
        self._found = api.routes.find(request.method, request.path)
        self.operation: Operation[Any] | None = self._found[0][0] if self._found else None
        self.seller: str | None = None

    @property
    def returns(self) -> Any:
        """The model of the payload."""
        return self.operation.returns if self.operation else None

    def perform(self) -> Response:
        """Carry the request out, or refuse it."""
        try:
            return self.complete(self._perform())
        except RefusedError as refusal:
            return self.complete(refusal.response)

    def complete(self, response: Response) -> Response:
        """Add the headers that Amazon adds; it adds none where access is denied."""
        if response.content_type != JSON or response.status == ACCESS_DENIED.status or not self.operation:
            return response
        headers = {REQUEST_ID: self._api.ids.uuid("request")}
        if response.status != 429:
            headers[RATE_LIMIT] = str(float(self._api.quotas.plan(self.operation)[0]))
        return response.with_headers(headers)

    def _perform(self) -> Response:
        api, request = self._api, self._request
        check_edge(request.method, request.headers, self._body)
        if api.verifier:
            api.verifier.check(request.method, request.environ[TARGET], request.headers, self._body)
        if self._found is None:
            raise refused(ACCESS_DENIED)
        (operation, implementation), path = self._found
        bearer = api.tokens.bearer_of(request.headers.get(ACCESS_TOKEN))
        self.seller = bearer.seller
        elements = granted_elements(bearer, operation, request.path)
        api.quotas.take(bearer.holder, operation)
        is_keyed = operation.effect is Effect.KEYED
        return implementation(
            ApiRequest(
                operation=operation,
                seller=bearer.holder,
                business=business_of(request.headers),
                path=path,
                query=query_of(operation, request.args),
                body=body_of(operation, self._body, request.headers.get("Content-Type", "")),
                key=(request.headers.get(IDEMPOTENCY_KEY) or None) if is_keyed else None,
                elements=elements,
            )
        )


class _SignInExchange:
    """One request for an access token."""

    returns = None

    def __init__(self, tokens: Tokens, body: bytes, headers: Headers) -> None:
        self._tokens = tokens
        self._body = body
        self._headers = headers
        self.grant: Grant | None = None

    def perform(self) -> Response:
        """Issue a token, or refuse to."""
        self.grant = self._tokens.grant(self._body, self._headers)
        return self.grant.response

    def complete(self, response: Response) -> Response:
        """Return *response* as it is."""
        return response
