"""The consent of a seller or vendor: the page to send them to, and the check of their return."""

import random
import secrets
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple, NoReturn, TypedDict, Unpack
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from spshipping.auth.credentials import Credentials
from spshipping.auth.lwa import LWA_URL, ClientAuthentication, LwaClient
from spshipping.clock import Clock, SystemClock
from spshipping.errors import AuthError, ConfigurationError, ConsentError
from spshipping.regions import Marketplace
from spshipping.secret import Secret, discreet
from spshipping.timeouts import Timeouts, checked_deadline
from spshipping.transport.adapter import RequestsTransport
from spshipping.transport.build import user_agent
from spshipping.transport.http import Transport
from spshipping.transport.io import run
from spshipping.transport.repeat import Repeats
from spshipping.transport.retry import RetryBudget, RetryPolicy
from spshipping.transport.threads import ThreadIo
from spshipping.urls import checked_url, url_fault

FLOW_LIFETIME = 600.0
"""Seconds from `start` to `finish`. The code that comes back is good for 300 of them."""

PartnerKind = Literal["seller", "vendor"]

_CONSENT_PATH = "/apps/authorize/consent"
_CLOCK_SKEW = 60.0
"""Seconds by which the clocks of a host's machines may differ."""
_MOST_TEXT = 500
_CENTRAL_HOSTS = frozenset(
    urlsplit(url).hostname for place in Marketplace for url in (place.seller_central, place.vendor_central)
)
_AGAIN = "begin again with start()"


class ConsentRequest(NamedTuple):
    """What to keep, in the person's own session, until they come back. It pickles, and is JSON as a list.

    Use it once: forget it as soon as they are back.
    """

    url: str
    """Where to send the person."""
    state: str
    created_at: float
    """Seconds since 1970."""
    selling_partner_id: str | None = None
    """The seller or vendor who must come back, where Amazon named them beforehand."""


class ConsentOptions(TypedDict, total=False):
    """The options of a consent flow: how the code is exchanged."""

    token_url: str
    """Another place than Login with Amazon's for the exchange of the code."""
    client_authentication: ClientAuthentication
    token_parameters: Mapping[str, str]
    """Further parameters for the exchange of the code."""
    application: str
    """Name and version of your program, for the user-agent: `MyShop/1.2`."""
    timeout: float | tuple[float, float]
    """Seconds for each try, or seconds to connect (10) and seconds without a byte while reading (60)."""
    deadline: float
    """Seconds for the whole exchange: 60. A user waits at a browser."""
    retry: RetryPolicy
    transport: Transport
    clock: Clock
    chance: Callable[[], float]
    """Gives random numbers in [0, 1), for the jitter."""


class ConsentFlow:
    """Gets the consent of a seller or vendor, and credentials from their return.

    Send `Referrer-Policy: no-referrer` with the page that they return to: its address holds the code.

    Source: https://developer-docs.amazon.com/sp-api/docs/website-authorization-workflow

    Example:
        ```python
        flow = ConsentFlow(
            client,
            "https://shop.example/amazon/back",
            application_id="amzn1.sellerapps.app...",
            marketplace=Marketplace.UK,
        )
        session["consent"] = started = flow.start()  # redirect to started.url; when they are back:
        credentials = flow.finish(request.url, session.pop("consent"))
        ```
    """

    @discreet
    def __init__(
        self,
        client: Credentials,
        redirect_uri: str,
        *,
        application_id: str | None = None,
        marketplace: Marketplace | None = None,
        kind: PartnerKind = "seller",
        is_draft: bool = False,
        authorization_url: str | None = None,
        scope: str | None = None,
        **options: Unpack[ConsentOptions],
    ) -> None:
        """Describe the flow. Nothing is sent yet.

        Args:
            client: the application's client id and secret; a refresh token in it is not used.
            redirect_uri: where Amazon sends the person back to, as it is registered with the application.
            application_id: `amzn1.sellerapps.app...`, for a page of Seller or Vendor Central. None for an
                OAuth page such as Login with Amazon's own, which gets the client id instead.
            marketplace: whose Central to use.
            kind: a seller's Central or a vendor's.
            is_draft: the application is not published yet.
            authorization_url: another page; needed without an application id.
            scope: what to request on an OAuth page.
            options: how the code is exchanged.

        Raises:
            ConfigurationError: something is missing or cannot be right.
        """
        unknown = set(options) - set(ConsentOptions.__annotations__)
        if unknown:
            raise ConfigurationError(f"ConsentFlow has no option {sorted(unknown)[0]!r}")
        self.redirect_uri: str = checked_url(redirect_uri, "redirect_uri", allow_query=True)
        self._application_id = application_id
        self._is_draft = is_draft
        self._url = _page(application_id, marketplace, kind, authorization_url)
        self._parameters = _parameters(application_id, client.client_id, scope)
        self._clock = options.get("clock") or SystemClock()
        self._deadline = checked_deadline(options.get("deadline", 60.0))
        token_url = checked_url(options.get("token_url", LWA_URL), "token_url")
        self._owned = None if "transport" in options else RequestsTransport(origins=(token_url,))
        transport = self._owned or options["transport"]
        self._lwa = _lwa(client, token_url, transport, self._clock, options)

    def start(self) -> ConsentRequest:
        """Make the address to send the person to, and what to keep until they are back."""
        return self._request(self._url, self._parameters)

    @discreet
    def accept(self, query: Mapping[str, str]) -> ConsentRequest:
        """Answer Amazon's Appstore, which sent a person to the application's login address.

        Sign the person in to your own site first. Then send them to the result's URL; they come back as from
        `start`, and `finish` sees to it that the seller or vendor is the one whom Amazon named here.

        Args:
            query: the query of Amazon's request: `amazon_callback_uri`, `amazon_state`, `selling_partner_id`.

        Raises:
            ConsentError: one of them is missing, or the callback is no page of Seller or Vendor Central.
        """
        found = _read(query)
        state, partner = found.get("amazon_state"), _plain(found.get("selling_partner_id"))
        callback = _plain(found.get("amazon_callback_uri"))
        if not state or partner is None or callback is None:
            _refuse(
                "the login request lacks amazon_callback_uri, amazon_state or selling_partner_id",
                "begin again at the application's page in Amazon's Appstore",
            )
        parameters = {"amazon_state": state.reveal()}
        return self._request(_central(callback), parameters)._replace(selling_partner_id=partner)

    def _request(self, page: str, parameters: Mapping[str, str]) -> ConsentRequest:
        state = secrets.token_urlsafe(32)
        parameters = {**parameters, "state": state, "redirect_uri": self.redirect_uri}
        if self._is_draft:
            parameters["version"] = "beta"
        parts = urlsplit(page)
        query = "&".join(part for part in (parts.query, urlencode(parameters)) if part)
        url = urlunsplit(parts._replace(query=query))
        return ConsentRequest(url, state, self._clock.now().timestamp())

    @discreet
    def finish(self, redirect: str | Mapping[str, str], request: ConsentRequest | None) -> Credentials:
        """Check the return of the person, and exchange the code for credentials.

        Args:
            redirect: the address that they came back to, or its query.
            request: what was kept in their session; None, where nothing was, is refused.

        Raises:
            ConsentError: it is not the answer to *request*, is too old, or they or Amazon refused.
            AuthError: Login with Amazon refused the client.
            TransportError: Login with Amazon could not be reached; begin again.
        """
        found = _read(redirect)
        code, partner = self._checked(found, request)
        ends_at = self._clock.monotonic() + self._deadline
        try:
            issued = run(self._lwa.authorization_code(code, self.redirect_uri, ends_at))
        except AuthError as error:
            if error.code != "invalid_grant":
                raise
            refusal = ConsentError(
                error.message,
                operation=error.operation,
                status=error.status,
                code=error.code,
                request_id=error.request_id,
                remedy=f"the code was used before, or is older than five minutes: {_AGAIN}",
            )
        else:
            return self._lwa.credentials.for_seller(issued.refresh_token, partner)
        finally:
            if self._owned:
                self._owned.close()
        raise refusal

    def _checked(
        self, found: Mapping[str, Secret], request: ConsentRequest | None
    ) -> tuple[Secret, str | None]:
        if request is None:
            _refuse("this session has started no consent, or its answer was used before", _AGAIN)
        state = found.get("state")
        if not state:
            _refuse("the answer carries no state, or a parameter twice", _AGAIN)
        if state != Secret(request.state):  # in constant time
            _refuse("the state is not the one that was sent", f"the redirect may be forged; {_AGAIN}")
        age = self._clock.now().timestamp() - request.created_at
        if not -_CLOCK_SKEW <= age <= FLOW_LIFETIME:
            _refuse("the consent took longer than ten minutes", _AGAIN)
        if "error" in found:
            _refuse_with_reason(found)
        partner = _plain(found.get("selling_partner_id"))
        code = found.get("spapi_oauth_code" if self._application_id else "code")
        if not code or (self._application_id and partner is None):
            _refuse("the answer lacks the code, or does not name the seller", _AGAIN)
        if request.selling_partner_id not in (None, partner):
            _refuse("another seller or vendor came back than the one who was sent", _AGAIN)
        return code, partner


def _lwa(
    client: Credentials, token_url: str, transport: Transport, clock: Clock, options: ConsentOptions
) -> LwaClient:
    return LwaClient(
        client,
        url=token_url,
        user_agent=user_agent(options.get("application")),
        repeats=Repeats(
            ThreadIo(transport, clock),
            options.get("retry") or RetryPolicy(),
            RetryBudget(),
            clock,
            options.get("chance") or random.random,
        ),
        timeouts=Timeouts.of(options.get("timeout", Timeouts())),
        authentication=options.get("client_authentication", "body"),
        parameters=options.get("token_parameters"),
    )


def _page(
    application_id: str | None, marketplace: Marketplace | None, kind: str, authorization_url: str | None
) -> str:
    """Return the page where consent is given, without its parameters."""
    if kind not in ("seller", "vendor"):
        raise ConfigurationError(f"kind {kind!r}: use seller or vendor")
    if application_id is not None and not application_id.startswith("amzn1."):
        raise ConfigurationError("application_id= is what Amazon's console shows: amzn1.sellerapps.app...")
    if application_id is not None and application_id.startswith("amzn1.application-oa2-client."):
        raise ConfigurationError(
            "this is the client id; application_id= is the other one, amzn1.sellerapps.app..."
        )
    if authorization_url:
        return checked_url(authorization_url, "authorization_url", allow_query=True)
    if application_id is None or marketplace is None:
        raise ConfigurationError("pass application_id= and marketplace=, or authorization_url=")
    central = marketplace.seller_central if kind == "seller" else marketplace.vendor_central
    return central + _CONSENT_PATH


def _parameters(application_id: str | None, client_id: str, scope: str | None) -> dict[str, str]:
    if application_id is not None:
        return {"application_id": application_id}
    parameters = {"client_id": client_id, "response_type": "code"}
    return {**parameters, "scope": scope} if scope else parameters


def _central(callback: str) -> str:
    """Return *callback* if it is a page of Amazon's; to follow any other would be an open redirect."""
    parts = None if url_fault(callback, allow_query=True) else urlsplit(callback)
    if parts is None or parts.scheme != "https" or parts.netloc.lower() not in _CENTRAL_HOSTS:
        _refuse(
            "amazon_callback_uri is no page of Seller or Vendor Central",
            "do not follow it; begin again at the application's page in Amazon's Appstore",
        )
    return callback


def _read(redirect: object) -> dict[str, Secret]:
    """Return the parameters of the query; none where it has one twice, or cannot be read. Never raises."""
    if isinstance(redirect, str):
        try:
            pairs = parse_qsl(urlsplit(redirect.strip()).query, keep_blank_values=True)
        except ValueError:
            return {}
    elif isinstance(redirect, Mapping):
        pairs = list(redirect.items())
    else:
        return {}
    found = {name: Secret(value) for name, value in pairs if _is_text(value)}
    return found if len(found) == len(pairs) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.isprintable()


def _plain(value: Secret | None) -> str | None:
    return value.reveal() or None if value is not None else None


def _refuse(message: str, remedy: str) -> NoReturn:
    raise ConsentError(message, operation="consent", remedy=remedy)


def _refuse_with_reason(found: Mapping[str, Secret]) -> NoReturn:
    code = (_plain(found["error"]) or "unknown")[:_MOST_TEXT]
    reason = (_plain(found.get("error_description")) or "no consent was given")[:_MOST_TEXT]
    is_refused = code == "access_denied"
    remedy = "the seller or vendor declined: contact them, then " if is_refused else ""
    raise ConsentError(reason, operation="consent", code=code, remedy=remedy + _AGAIN)
