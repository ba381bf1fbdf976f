"""A whole local SP-API: for tests, in a thread; for the command line, until interrupted."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Any, Self

from werkzeug import Request

from spshipping.auth.tokens import CREATE_RESTRICTED_DATA_TOKEN
from spshipping.errors import ConfigurationError
from spshipping.operation import Effect, Operation, Quota
from spshipping.sandbox.app import TOKEN_PATH, Action, App, of_shipping
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.consent import CONSENT_PATH, application_id, consent
from spshipping.sandbox.control import PREFIX, control
from spshipping.sandbox.faults import Faults, Sent, read_fault
from spshipping.sandbox.http import Server
from spshipping.sandbox.ledger import Ledger
from spshipping.sandbox.notifications import Casing, Notifications
from spshipping.sandbox.orders import Orders, OrderSupply
from spshipping.sandbox.orders.book import Change
from spshipping.sandbox.orders.record import Order
from spshipping.sandbox.quota import Plan, Quotas
from spshipping.sandbox.restricted import RestrictedData, told
from spshipping.sandbox.sellers import GET_MARKETPLACE_PARTICIPATIONS, get_marketplace_participations
from spshipping.sandbox.shipping import Shipping
from spshipping.sandbox.shipping_v1 import GET_SHIPMENT
from spshipping.sandbox.signatures import Verifier
from spshipping.sandbox.tokens import Account, Tokens

_POLL = 0.02  # seconds that closing may take


class Sandbox:
    """A local SP-API over HTTP: `with Sandbox() as sandbox:` serves it until the block ends."""

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
        seed: int = 0,
    ) -> None:
        """Prepare a sandbox; it listens from `start` on.

        Args:
            host: where to listen.
            port: where to listen; 0 takes any free one.
            accounts: sellers that it knows beside the one of `credentials`.
            verifies_signatures: refuse what AWS Signature Version 4 does not sign well, beside tokens.
            aws_keys: secret access keys by access key id; `sandbox.aws_keys` takes more of them later.
            quotas: plans by operation, `{"getRates": (rate, burst)}`, in place of Amazon's own; True for
                Amazon's own, False for no limits.
            orders: how many orders each seller has when the sandbox begins; an `OrderSupply` says more.
            seed: decides what the orders are like, and what becomes of them.
        """
        self.clock: SandboxClock = SandboxClock()
        self.ledger: Ledger = Ledger()
        self.tokens: Tokens = Tokens(self.clock)
        self.quotas: Quotas = Quotas(self.clock, quotas)
        self.faults: Faults = Faults()
        self._shipping = Shipping(self.clock, self.ledger)
        self.aws_keys: dict[str, str] = dict(aws_keys or {})
        self._restricted = RestrictedData(self.tokens)
        self._notifications = Notifications(self.clock, lambda seller: self._orders.books.of(seller).now())
        supply = orders if isinstance(orders, OrderSupply) else OrderSupply(orders, seed)
        self._orders = Orders(supply, self.clock, self._notifications.listen)
        self._app = self._made_app(Verifier(self.aws_keys, self.clock) if verifies_signatures else None)
        for account in (Account(), *accounts):
            self.tokens.add(account)
        self._host = host
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def _made_app(self, verifier: Verifier | None) -> App:
        served = dict(self._served())
        for operation in served:
            self._restricted.add(operation)
        return App(
            served.items(),
            clock=self.clock,
            ledger=self.ledger,
            tokens=self.tokens,
            quotas=self.quotas,
            faults=self.faults,
            verifier=verifier,
        )

    def _served(self) -> Iterator[tuple[Operation[Any], Action]]:
        yield from of_shipping(self._shipping.actions)
        yield GET_SHIPMENT, self._shipping.get_shipment
        yield CREATE_RESTRICTED_DATA_TOKEN, self._restricted.create
        yield GET_MARKETPLACE_PARTICIPATIONS, get_marketplace_participations
        yield from self._orders.actions()
        yield from self._notifications.actions.items()

    @property
    def url(self) -> str:
        """Where the API is: what `Client(endpoint=...)` takes.

        Raises:
            ConfigurationError: the sandbox does not listen.
        """
        if self._server is None:
            raise ConfigurationError("the sandbox does not listen: use it in a with block, or start() it")
        return f"http://{self._host}:{self._server.port}"

    @property
    def token_url(self) -> str:
        """Where access tokens are had: what `Client(token_url=...)` takes."""
        return self.url + TOKEN_PATH

    @property
    def credentials(self) -> dict[str, str]:
        """The client id, client secret and refresh token of the seller that every sandbox knows."""
        return Account()._asdict()

    def add_seller(
        self, refresh_token: str, client_id: str | None = None, client_secret: str | None = None
    ) -> Account:
        """Make a further seller known; without a client, one who authorized the default client."""
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
        """Where a new seller lets an application in at once, and is sent back to its redirect_uri."""
        return self.url + CONSENT_PATH

    def rotate_secret(self, client_id: str) -> str:
        """Give a client a new secret, and return it; `credentials` still shows the one it began with.

        Raises:
            ValueError: there is no such client.
        """
        return self.tokens.rotate(client_id)

    def add_operation(self, operation: Operation[Any], answer: Any) -> None:
        """Answer a further operation with *answer*, as JSON.

        Its scope, data elements and quota count. What a token does not open is left out of the answer: every
        field that is named like the data element, however it is capitalized.
        """
        self._restricted.add(operation)
        self._app.add(operation, told(answer, operation.restricted or ()))

    def add_restricted(self, route: str, elements: Iterable[str], answer: Any) -> None:
        """Answer *route*, such as `GET /orders/v0/orders/{orderId}`, with *answer* and a restricted token.

        Args:
            route: verb and path template; it is the operation's name too, in faults and in the ledger.
            elements: data elements that a token can open; without any, a plain token opens nothing.
            answer: what is answered, as JSON, without the elements that the token does not open.
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
        """Let something go wrong with the next *count* requests for *operation*.

        Args:
            operation: an operationId, `*` for each of them, or `lwa`.
            kind: one of `spshipping.sandbox.faults.KINDS`.
            count: how often.
            at: after how many bytes the line is cut.
            status: what is answered.
            seconds: of real time to wait.
            reset: hang up with a reset.
            path: which field of the answer, as in `payload.rates.0.promise`; None for a random one.
            share: how likely each of those requests is struck; with a large *count*, weather in place of
                a single blow.
            seed: decides which requests, and which fields, are struck.

        Raises:
            ValueError: there is no such kind of fault.
        """
        fault = {"operation": operation, "kind": kind, "count": count, "at": at, "status": status}
        where = {"seconds": seconds, "reset": reset, "path": path, "share": share, "seed": seed}
        self.faults.add(read_fault(fault | where))

    def revoke_tokens(self) -> None:
        """Make every access token worthless; the refresh tokens stay good."""
        self.tokens.revoke()

    def reset(self) -> None:
        """Forget shipments, books, faults and used quota, begin the orders anew, and return to real time.

        Accounts stay, and so do access tokens, so that a client may go on.
        """
        self._shipping.reset()
        self.ledger.clear()
        self.faults.clear()
        self.quotas.reset()
        self.clock.reset()
        self._orders.books.reset()
        self._notifications.reset()

    def orders(self, *, seller: str | None = None) -> list[Order]:
        """Return every order of a seller that the APIs show by now, as it is now, oldest first.

        Args:
            seller: the seller's id; None for the seller of `credentials`.
        """
        return self._orders.books.of(seller or Account().seller).orders()

    def order_changes(self, *, after: int = 0, seller: str | None = None) -> list[Change]:
        """Return every change of a seller's orders that the APIs show by now, in the order of showing.

        Args:
            after: leave out those up to this number.
            seller: the seller's id; None for the seller of `credentials`.
        """
        return self._orders.books.of(seller or Account().seller).changes(after)

    def notifications(self, *, casing: Casing = "pascal") -> list[dict[str, Any]]:
        """Return every notification that a subscription was told so far, as SQS would hand it over.

        Args:
            casing: how Amazon spells the names of their fields; it does both.
        """
        self._orders.books.catch_up()
        return self._notifications.sent(casing)

    def respond(self, request: Request, body: bytes, connection: int) -> Sent:
        """Answer one request."""
        if request.path.startswith(PREFIX):
            return Sent(control(self, request.method, request.path, body, request.args))
        if request.path == CONSENT_PATH and request.method == "GET":
            return Sent(consent(self.tokens, request.args))
        return self._app.answer(request, body, connection)

    def start(self) -> Self:
        """Listen, and serve in a thread.

        Raises:
            ConfigurationError: the port is taken, or is not for us.
        """
        self._thread = threading.Thread(target=self._listen().serve_forever, args=(_POLL,), daemon=True)
        self._thread.start()
        return self

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
            ConfigurationError: the port is taken, or is not for us.
        """
        self._listen().serve_forever()

    def _listen(self) -> Server:
        try:
            self._server = Server(self._host, self._port, self.respond, self.clock)
        except OSError as error:
            raise ConfigurationError(
                f"cannot listen on {self._host}:{self._port}: {error.strerror}"
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
        ConfigurationError: the port is taken, or is not for us.
    """
    Sandbox(host=host, port=port, quotas=quotas).serve_forever()
