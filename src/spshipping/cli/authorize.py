"""`spshipping authorize`: a seller's or vendor's consent, from the browser into a store."""

import json
import webbrowser
from typing import NamedTuple
from urllib.parse import urlsplit

import click

from spshipping.auth.consent import FLOW_LIFETIME, ConsentFlow, ConsentRequest
from spshipping.auth.credentials import Credentials
from spshipping.auth.file_store import FileStore
from spshipping.auth.lwa import LWA_URL
from spshipping.cli.choice import Choice, pass_choice
from spshipping.cli.console import fail
from spshipping.cli.landing import Landing
from spshipping.environment import variables
from spshipping.errors import ConfigurationError, ConsentError, SpShippingError
from spshipping.regions import Marketplace
from spshipping.secret import Secret
from spshipping.settings import Connection

_HERE = ("127.0.0.1", "localhost")
"""The hosts of a redirect that `Landing` receives."""


class Options(NamedTuple):
    """The options of the command."""

    application_id: str | None
    is_vendor: bool
    is_draft: bool
    scope: str | None
    redirect_uri: str | None
    """As registered with the application; None for this machine, on *port*."""
    port: int
    is_pasted: bool
    has_browser: bool
    wait: float
    """Seconds."""
    as_json: bool


@click.command()
@click.option("--application-id", help="As amzn1.sellerapps.app...; else SPSHIPPING_APPLICATION_ID.")
@click.option("--vendor", "is_vendor", is_flag=True, help="Ask in Vendor Central, not in Seller Central.")
@click.option("--draft", "is_draft", is_flag=True, help="The application is not published yet.")
@click.option("--scope", help="For an OAuth page, which knows no application id.")
@click.option("--redirect-uri", help="As registered with the application; one elsewhere means --paste.")
@click.option(
    "--port",
    default=8463,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Where to listen; 0 takes any free port.",
)
@click.option("--paste", "is_pasted", is_flag=True, help="Ask for the address that the browser ended at.")
@click.option("--browser/--no-browser", "has_browser", default=True, help="Open it, or print where to go.")
@click.option("--wait", default=FLOW_LIFETIME, show_default=True, help="Seconds to wait for the return.")
@click.option("--store", help="The folder for the refresh token; else the settings' own.")
@click.option(
    "--json", "as_json", is_flag=True, help="Print two lines of JSON: the page to open, and the result."
)
@pass_choice
def authorize(
    choice: Choice,
    application_id: str | None,
    scope: str | None,
    redirect_uri: str | None,
    port: int,
    wait: float,
    store: str | None,
    *,
    is_vendor: bool,
    is_draft: bool,
    is_pasted: bool,
    has_browser: bool,
    as_json: bool,
) -> None:
    """Ask a seller or vendor for consent, and store their refresh token. It is never shown.

    Client id, marketplace and URLs are the connection's. A client secret that is in no store and in no
    variable is prompted for.
    """
    try:
        application = application_id or variables().get("APPLICATION_ID")
        way = Options(
            application, is_vendor, is_draft, scope, redirect_uri, port, is_pasted, has_browser, wait, as_json
        )
        connection = choice.connection()
        kept = FileStore(store) if store else choice.settings().store
        assert isinstance(kept, FileStore)  # noqa: S101 - what settings load has one
        stored_as = f"connections.{connection.name}.refresh_token"
        _check_store(kept, stored_as)
        credentials = _consented(way, connection, kept)
        assert credentials.refresh_token is not None  # noqa: S101 - it is what a consent gives
        kept.save_secret(stored_as, credentials.refresh_token)
    except SpShippingError as error:
        fail(error, as_json=as_json)
    partner = credentials.selling_partner_id
    if as_json:
        facts = {"selling_partner_id": partner, "store": str(kept.path), "stored_as": stored_as}
        click.echo(json.dumps(facts))
    else:
        click.echo(f"Stored the refresh token{f' of {partner}' if partner else ''}; it is not shown.")
        click.echo(f"  where: {kept.path}\n  as:    {stored_as}")


def _check_store(store: FileStore, name: str) -> None:
    """Find out whether the store can keep the token before a person consents, not after."""
    trial = f"{name}.trial"
    store.save_secret(trial, Secret("trial"))
    store.delete_secret(trial)


def _consented(way: Options, connection: Connection, store: FileStore) -> Credentials:
    client = _client(connection, store)
    landing = _landing(way)
    if landing is None:
        flow = _flow(way, client, way.redirect_uri or f"http://127.0.0.1:{way.port}/", connection)
        request = flow.start()
        _send(request, way)
        return flow.finish(click.prompt("The address that the browser ended at", err=True), request)
    with landing:
        flow = _flow(way, client, way.redirect_uri or landing.url, connection)
        request = flow.start()
        _send(request, way)
        address = landing.wait(request.state, way.wait)
    if address is None:
        raise ConsentError(f"no answer came within {way.wait:g} seconds; try --paste")
    return flow.finish(address.reveal(), request)


def _client(connection: Connection, store: FileStore) -> Credentials:
    client_id = connection.get("client_id")
    if not client_id:
        raise ConfigurationError(f"the connection {connection.name!r} has no client id")
    owner = f"clients.{connection.client}" if connection.client else f"connections.{connection.name}"
    secret = store.load_secret(f"{owner}.client_secret")
    # never the secret of another client
    found = variables()
    if secret is None and found.get("CLIENT_ID") == client_id:
        secret = Secret(found.get("CLIENT_SECRET") or "")
    return Credentials(client_id, secret or Secret(click.prompt("Client secret", hide_input=True, err=True)))


def _landing(way: Options) -> Landing | None:
    """Return who listens for the return; None where it has to be pasted."""
    if way.is_pasted:
        return None
    if way.redirect_uri is None:
        return Landing(way.port)
    try:
        parts = urlsplit(way.redirect_uri)
        port = parts.port or 80
    except ValueError:
        return None  # the flow refuses it
    if parts.scheme != "http" or parts.hostname not in _HERE:
        return None
    return Landing(port, parts.path or "/")


def _flow(way: Options, client: Credentials, redirect_uri: str, connection: Connection) -> ConsentFlow:
    place = connection.get("marketplace")
    return ConsentFlow(
        client,
        redirect_uri,
        application_id=way.application_id,
        marketplace=Marketplace.find(place) if place else None,
        kind="vendor" if way.is_vendor else "seller",
        is_draft=way.is_draft,
        authorization_url=connection.get("authorization_url"),
        scope=way.scope,
        application="spshipping-cli/1.0",
        token_url=connection.get("token_url") or LWA_URL,
    )


def _send(request: ConsentRequest, way: Options) -> None:
    if way.as_json:
        click.echo(json.dumps({"url": request.url}))
    else:
        click.echo(f"Let the application in at:\n\n  {request.url}\n")
    if way.has_browser:
        webbrowser.open(request.url)
