"""A whole local SP-API: for tests, in a thread; for the command line, until interrupted."""

import threading
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Self

from werkzeug import Request

from spshipping.errors import ConfigurationError
from spshipping.sandbox.app import TOKEN_PATH, App, shipping_operations
from spshipping.sandbox.clock import SandboxClock
from spshipping.sandbox.control import PREFIX, control
from spshipping.sandbox.faults import Faults, Sent, read_fault
from spshipping.sandbox.http import Server
from spshipping.sandbox.ledger import Ledger
from spshipping.sandbox.quota import Plan, Quotas
from spshipping.sandbox.shipping import Shipping
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
    ) -> None:
        """Prepare a sandbox; it listens from `start` on.

        Args:
            host: where to listen.
            port: where to listen; 0 takes any free one.
            accounts: sellers that it knows beside the one of `credentials`.
            quotas: plans by operation, `{"getRates": (rate, burst)}`, in place of Amazon's own; True for
                Amazon's own, False for no limits.
        """
        self.clock: SandboxClock = SandboxClock()
        self.ledger: Ledger = Ledger()
        self.tokens: Tokens = Tokens(self.clock)
        self.quotas: Quotas = Quotas(self.clock, quotas)
        self.faults: Faults = Faults()
        self._shipping = Shipping(self.clock, self.ledger)
        self._app = App(
            self._shipping.actions,
            clock=self.clock,
            ledger=self.ledger,
            tokens=self.tokens,
            quotas=self.quotas,
            faults=self.faults,
            operations=shipping_operations(),
        )
        for account in (Account(), *accounts):
            self.tokens.add(account)
        self._host = host
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

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
        usual = Account()
        account = Account(refresh_token, client_id or usual.client_id, client_secret or usual.client_secret)
        self.tokens.add(account)
        return account

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
        """Forget shipments, books, faults and used quota, and return to real time.

        Accounts stay, and so do access tokens, so that a client may go on.
        """
        self._shipping.reset()
        self.ledger.clear()
        self.faults.clear()
        self.quotas.reset()
        self.clock.reset()

    def respond(self, request: Request, body: bytes, connection: int) -> Sent:
        """Answer one request."""
        if request.path.startswith(PREFIX):
            return Sent(control(self, request.method, request.path, body))
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
