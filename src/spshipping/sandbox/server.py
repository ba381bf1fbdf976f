"""A whole local SP-API: for tests, in a thread; for the command line, until interrupted."""

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from random import Random
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, Unpack

from werkzeug import Request

from spshipping.auth.cache import TokenCache
from spshipping.auth.credentials import Credentials
from spshipping.errors import ConfigurationError
from spshipping.operation import Effect, Operation, Quota
from spshipping.operation.routes import Routes
from spshipping.sandbox import control, sellers
from spshipping.sandbox.applications import Applications
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.consent import CONSENT_PATH, consent
from spshipping.sandbox.dispatch import Api
from spshipping.sandbox.faults import Faults, Sent, read_fault
from spshipping.sandbox.for_tests import ForTests
from spshipping.sandbox.http import Connect, Server
from spshipping.sandbox.ids import Ids
from spshipping.sandbox.keys import KeyMode, KeyRules, read_key_rules
from spshipping.sandbox.ledger import Ledger
from spshipping.sandbox.notifications import Notifications
from spshipping.sandbox.operations import Implementations
from spshipping.sandbox.orders import Orders, OrderSupply
from spshipping.sandbox.pushes import Pushes
from spshipping.sandbox.quota import Plan, Quotas
from spshipping.sandbox.refusals import RefusedError
from spshipping.sandbox.restricted_data import RestrictedData, fixed_response
from spshipping.sandbox.shipping import Shipping
from spshipping.sandbox.signatures import Verifier
from spshipping.sandbox.state import Snapshot, State
from spshipping.sandbox.tokens import Account, Tokens, application_id
from spshipping.sandbox.triggers import Triggers
from spshipping.sandbox.vendor import PurchaseOrderSupply, Receiving, VendorApis
from spshipping.urls import LOOPBACK

if TYPE_CHECKING:
    from spshipping.async_client import AsyncClient
    from spshipping.client import Client
    from spshipping.options import AsyncClientOptions, ClientOptions, CommonOptions
    from spshipping.regions import Marketplace

TOKEN_PATH = "/auth/o2/token"  # noqa: S105 - a path
_PORTS = range(65536)
_FIXED = frozenset({"implementations", "on_advance", "_update", "_deliver"})
"""Attributes that are no state: what the constructor has put together, and what is the caller's."""
_POLL = 0.02  # seconds until closing is noticed


def _supply(orders: int | OrderSupply, seed: int) -> OrderSupply:
    return OrderSupply(orders, seed) if isinstance(orders, int) else orders


def _vendor_supply(orders: int | PurchaseOrderSupply, seed: int) -> PurchaseOrderSupply:
    return PurchaseOrderSupply(orders, seed) if isinstance(orders, int) else orders


def _tokens(clock: SandboxClock, ids: Ids, accounts: Iterable[Account]) -> Tokens:
    tokens = Tokens(clock, ids)
    for account in accounts:
        tokens.add(account)
    return tokens


class Sandbox(ForTests):
    """A local SP-API over HTTP: `with Sandbox() as sandbox:` serves it until the block ends."""

    has_own_operations: bool = False
    """Whether any were added with `add_operation`; they stay."""
    _thread: threading.Thread | None = None

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        accounts: Iterable[Account] = (),
        quotas: Mapping[str, Plan] | bool = True,
        verifies_signatures: bool = False,
        aws_keys: Mapping[str, str] | None = None,
        orders: int | OrderSupply = 300,
        purchase_orders: int | PurchaseOrderSupply = 300,
        seed: int = 0,
        keys: KeyMode | KeyRules = "replay",
        on_notification: Callable[[dict[str, Any]], object] | None = None,
        frozen_at: datetime | None = None,
    ) -> None:
        """Prepare a sandbox; it listens from `start` on.

        Args:
            host: where to listen.
            port: where to listen; 0 takes any free one.
            accounts: sellers that it knows, in addition to the one of `credentials`.
            verifies_signatures: refuse requests without a valid AWS Signature Version 4.
            aws_keys: secret access keys by access key id; more can be added to `sandbox.aws_keys` later.
            quotas: plans by operation, `{"getRates": (rate, burst)}`; True for Amazon's own, False for none.
            orders: how many orders each seller has when the sandbox starts, or an `OrderSupply`.
            purchase_orders: the same for the purchase orders of each vendor, or a `PurchaseOrderSupply`.
            seed: determines the orders and purchase orders, and their changes.
            keys: what happens to a purchase whose idempotency key was used before; see `KeyRules`.
            on_notification: gets each notification when it is sent, in the thread that sends it.
            frozen_at: time stands still there until it is advanced, and ids follow from the seed: the same
                requests get the same answers in every run. Without it, time is real and ids are random.

        Raises:
            ValueError: the rules for keys are not valid, or `frozen_at` has no time zone.
        """
        self.clock: SandboxClock = SandboxClock(frozen_at) if frozen_at else SandboxClock()
        self._seed = seed
        self._ids = Ids(str(seed) if frozen_at else None)
        self.ledger: Ledger = Ledger()
        self.tokens: Tokens = _tokens(self.clock, self._ids, (Account(), *accounts))
        self.quotas: Quotas = Quotas(self.clock, quotas)
        self.faults: Faults = Faults()
        self.aws_keys: dict[str, str] = dict(aws_keys or {})
        self._key_rules = read_key_rules(keys)
        self._stock(_supply(orders, seed), _vendor_supply(purchase_orders, seed), on_notification)
        self._api = self._made_api(Verifier(self.aws_keys, self.clock) if verifies_signatures else None)
        self._pages = self._made_pages()
        self._host, self._port = host, port
        self._server: Server | None = None

    def _stock(
        self,
        orders: OrderSupply,
        purchase_orders: PurchaseOrderSupply,
        deliver: Callable[[dict[str, Any]], object] | None,
    ) -> None:
        """Make everything that has a state beside accounts, quotas and faults."""
        self._shipping = Shipping(self.clock, self._ids, self.ledger, self._key_rules)
        self._restricted = RestrictedData(self.tokens)
        self._notifications = Notifications(self.clock, self._ids, self._update_orders, deliver)
        self._applications = Applications(self.clock, self.tokens, self._notifications)
        self._orders = Orders(orders, self.clock, self._notifications.order_changed)
        self._vendor = VendorApis(purchase_orders, self.clock)
        self._triggers = self._made_triggers()
        self.snapshots: dict[str, Snapshot] = {}
        self._state = State(self._parts(), _FIXED)

    def _made_api(self, verifier: Verifier | None) -> Api:
        implementations: Implementations = {
            **self._shipping.implementations,
            **self._restricted.implementations,
            **sellers.IMPLEMENTATIONS,
            **self._orders.implementations,
            **self._vendor.implementations,
            **self._notifications.implementations,
            **self._applications.implementations,
        }
        for operation in implementations:
            self._restricted.add(operation)
        return Api(
            implementations,
            clock=self.clock,
            ids=self._ids,
            ledger=self.ledger,
            tokens=self.tokens,
            quotas=self.quotas,
            faults=self.faults,
            verifier=verifier,
        )

    def _made_triggers(self) -> Triggers:
        orders, pushes = self._orders.by_seller, self._shipping.pushes
        return Triggers(self.clock, self._ids, self._notifications, orders, pushes, self._vendor.vendors)

    def _parts(self) -> Iterable[object]:
        """Return what holds the state; whatever is not here is made by the constructor alone."""
        yield from (self.clock, self._ids, self.ledger, self.tokens, self.quotas, self.faults, self.aws_keys)
        yield from (self._notifications, self._orders.by_seller)
        yield from self._shipping.parts
        yield from self._vendor.vendors.parts

    def _update_orders(self, seller: str) -> None:
        self._orders.by_seller.of(seller).update()

    def _made_pages(self) -> Routes[Callable[[Request, bytes], Sent]]:
        """Return everything that is not an operation: sign-in, consent, and the control routes."""
        pages: Routes[Callable[[Request, bytes], Sent]] = Routes()
        pages.add(f"POST {TOKEN_PATH}", self._api.sign_in)
        pages.add(f"GET {CONSENT_PATH}", self._consent)
        for name, route in control.ROUTES.items():
            pages.add(name, partial(self._control, route))
        return pages

    @property
    def pushes(self) -> Pushes:
        """What is pushed to a webhook, and was."""
        return self._shipping.pushes

    @property
    def receiving(self) -> Receiving:
        """What fulfilment centres receive of vendors, and the defects that they book."""
        return self._vendor.receiving

    @property
    def keys(self) -> KeyRules:
        """What happens to a purchase with an idempotency key that was used before."""
        return self._shipping.keys.rules

    @keys.setter
    def keys(self, rules: KeyRules) -> None:
        self._shipping.keys.rules = rules

    @property
    def url(self) -> str:
        """The address of the API, for `Client(endpoint=...)`.

        Raises:
            ConfigurationError: the sandbox is not listening.
        """
        if self._server is None:
            raise ConfigurationError("the sandbox is not listening: use it in a with block, or call start()")
        return f"http://{self._host}:{self._server.port}"

    @property
    def token_url(self) -> str:
        """The address for access tokens, for `Client(token_url=...)`."""
        return self.url + TOKEN_PATH

    @property
    def credentials(self) -> dict[str, str]:
        """The client id, client secret and refresh token of the seller that every sandbox knows."""
        return Account()._asdict()

    def client(self, marketplace: "Marketplace | str" = "UK", **options: "Unpack[ClientOptions]") -> "Client":
        """Return a client for the seller of `credentials`, with tokens of its own.

        The sandbox starts to listen if it does not yet. Close both.

        Args:
            marketplace: where the seller sells.
            options: those of `Client`.
        """
        # imported here, and below: a sandbox that only serves needs no client
        from spshipping.client import Client

        merged: ClientOptions = {**self._connection(), **options}
        return Client(Credentials(**self.credentials), marketplace, **merged)

    def async_client(
        self, marketplace: "Marketplace | str" = "UK", **options: "Unpack[AsyncClientOptions]"
    ) -> "AsyncClient":
        """Return what `client` returns, for asyncio."""
        from spshipping.async_client import AsyncClient

        merged: AsyncClientOptions = {**self._connection(), **options}
        return AsyncClient(Credentials(**self.credentials), marketplace, **merged)

    def add_seller(
        self, refresh_token: str, client_id: str | None = None, client_secret: str | None = None
    ) -> Account:
        """Add a seller; without a client id, one who authorized the default client."""
        client = client_id or Account().client_id
        account = Account(refresh_token, client, client_secret or self.tokens.secret_of(client))
        self.tokens.add(account)
        return account

    @property
    def application_id(self) -> str:
        """The id under which sellers know the application of `credentials`."""
        return application_id(Account().client_id)

    @property
    def consent_url(self) -> str:
        """The page where a new seller authorizes an application at once, and is redirected to it."""
        return self.url + CONSENT_PATH

    def rotate_secret(self, client_id: str) -> str:
        """Replace the secret of a client at once, and return the new one; `credentials` keeps the first one.

        With `rotateApplicationClientSecret` both are accepted for seven days.

        Raises:
            ValueError: there is no such client.
        """
        return self.tokens.rotate(client_id)

    def announce_secret_expiry(self, client_id: str | None = None, *, days: float = 7) -> None:
        """Send the notification that the secret of a client, by default that of `credentials`, ends soon.

        The secret goes on being accepted.
        """
        expires = self.clock.now() + timedelta(days=days)
        self._applications.announce_expiry(client_id or Account().client_id, expires)

    def add_operation(self, operation: Operation[Any], answer: Any) -> None:
        """Add an operation that responds with *answer*, as JSON.

        Its scope, data elements and quota apply. What a token does not grant is left out of the answer: every
        field with the name of the data element, however it is capitalized.
        """
        self.has_own_operations = True
        self._restricted.add(operation)
        self._api.add(operation, fixed_response(answer, operation.restricted or ()))

    def add_restricted(self, route: str, elements: Iterable[str], answer: Any) -> None:
        """Add a restricted operation that responds with *answer*.

        Args:
            route: verb and path template, such as `GET /orders/v0/orders/{orderId}`; it is also the
                operation's name in faults and in the ledger.
            elements: data elements that a token can grant; without any, a plain token is refused.
            answer: the response, as JSON, without the elements that the token does not grant.
        """
        self.add_operation(
            Operation(
                name=route,
                route=route,
                returns=dict[str, Any],
                quota=Quota(1, burst=100),
                effect=Effect.NONE,
                restricted=tuple(elements),
            ),
            answer,
        )

    def add_fault(
        self,
        operation: str,
        kind: str,
        *,
        count: int = 1,
        at: int | None = None,
        status: int | None = None,
        seconds: float = 0.0,
        reset: bool = False,
        path: str | None = None,
        share: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Add a fault, which strikes the next *count* requests for *operation*.

        Args:
            operation: an operationId, `*` for all operations, or `lwa`.
            kind: one of `spshipping.sandbox.faults.KINDS`.
            count: how many requests are struck.
            at: after how many bytes the connection is closed.
            status: the status of the response.
            seconds: seconds of real time to wait.
            reset: close the connection with a reset.
            path: the field that is changed, as in `payload.rates.0.promise`; None for a random one.
            share: the probability that each of those requests is struck.
            seed: determines which requests, and which fields, are struck.

        Raises:
            ValueError: there is no such kind of fault, or an argument is out of range.
        """
        fault = {"operation": operation, "kind": kind, "count": count, "at": at, "status": status}
        where = {"seconds": seconds, "reset": reset, "path": path, "share": share, "seed": seed}
        self.faults.add(read_fault(fault | where))

    def revoke_tokens(self) -> None:
        """Revoke every access token; the refresh tokens stay valid."""
        self.tokens.revoke()

    def reset(self) -> None:
        """Remove shipments, ledger, faults and used quota, generate the orders anew, and return to real time.

        The rules for keys return to those of the start. Accounts and access tokens stay, so that a client
        can continue.
        """
        self._shipping.reset()
        self.keys = self._key_rules
        self._ids.reset()
        self.ledger.clear()
        self.faults.clear()
        self.quotas.reset()
        self.clock.reset()
        self._orders.by_seller.reset()
        self._vendor.vendors.reset()
        self._notifications.reset()

    def respond(self, request: Request, body: bytes, connection: int) -> Sent:
        """Answer one request."""
        found = self._pages.find(request.method, request.path)
        try:
            if found:
                return found[0](request, body)
            if request.path.startswith(control.PREFIX):
                raise control.unknown_route()
        except RefusedError as refusal:
            return Sent(refusal.response)
        return self._api.respond(request, body, connection)

    def _connection(self) -> "CommonOptions":
        """Return the options of a client for this sandbox, which listens from now on."""
        if self._server is None:
            self.start()
        options: CommonOptions = {"endpoint": self.url, "token_url": self.token_url}
        if self.clock.is_frozen:
            chance = Random(self._seed).random  # noqa: S311 - not for secrets
            return {**options, "clock": self.clock, "token_cache": TokenCache(self.clock), "chance": chance}
        return {**options, "token_cache": TokenCache()}

    def _consent(self, request: Request, _body: bytes) -> Sent:
        return Sent(consent(self.tokens, request.args))

    def _control(self, route: control.Route, request: Request, body: bytes) -> Sent:
        return Sent(control.control(self, route, body, request.args))

    def start(self) -> Self:
        """Listen, and serve in a thread.

        Raises:
            ConfigurationError: the port is in use, or not permitted.
        """
        self._thread = threading.Thread(target=self._listen().serve_forever, args=(_POLL,), daemon=True)
        self._thread.start()
        return self

    def open_tunnels(self, connect: Connect) -> None:
        """Answer CONNECT with a tunnel to this sandbox, from now on, where *connect* has TLS for the host.

        Raises:
            ConfigurationError: the sandbox is not listening, or for other machines too, or has a proxy.
        """
        url = self.url
        if self._host not in LOOPBACK or self._server is None:
            raise ConfigurationError(f"the proxy is for this machine only, and {url} is not: use 127.0.0.1")
        if self._server.connect is not None:
            raise ConfigurationError("the sandbox has a proxy already: it has one at a time")
        self._server.connect = connect

    def close_tunnels(self) -> None:
        """Open no more tunnels; those that are open go on."""
        if self._server is not None:
            self._server.connect = None

    def close(self) -> None:
        """Stop serving; every connection ends, and no socket or thread is left."""
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server and thread:
            server.stop()
            thread.join()

    def serve_forever(self) -> None:
        """Listen, and serve until interrupted.

        Raises:
            ConfigurationError: the port is in use, or not permitted.
        """
        self._listen().serve_forever()

    def _listen(self) -> Server:
        try:
            self._host.encode("idna")
            if self._port not in _PORTS:
                raise ValueError("no port")
            self._server = Server(self._host, self._port, self.respond, self.clock)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "there is no such host or port"
            raise ConfigurationError(
                f"cannot listen on {self._host}:{self._port} ({reason}): choose a host of this machine and a"
                " free port; port 0 takes any that is free"
            ) from None
        return self._server

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def serve(host: str = "127.0.0.1", port: int = 8080, *, quotas: Mapping[str, Plan] | bool = True) -> None:
    """Serve a sandbox until interrupted; it prints nothing.

    Raises:
        ConfigurationError: the port is in use, or not permitted.
    """
    Sandbox(host=host, port=port, quotas=quotas).serve_forever()
