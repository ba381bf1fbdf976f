"""A host's own page for its Amazon connections, drawn from what the settings say of their fields.

    python examples/settings_page.py [settings.toml]

Then open http://127.0.0.1:8470. A real host puts the page behind its own sign-in, brings a store of its own,
and keeps the store's key where it keeps passwords. `spshipping sandbox` prints what to enter for a trial.
"""

import hmac
import os
import secrets
import sys
from collections.abc import Mapping
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from werkzeug import Request, Response
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.serving import run_simple
from werkzeug.utils import redirect
from werkzeug.wsgi import get_host

from spshipping import Client, SpShippingError
from spshipping.auth.file_store import FileStore
from spshipping.auth.stores import MemoryStore, SecretStore
from spshipping.settings import Connection, ConnectionDescription, Settings

HOSTS = ["127.0.0.1", "localhost"]
STYLE = """
body { font: 16px/1.5 system-ui; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
label { display: block; font-weight: 600; margin-top: 1rem }
input, select { font: inherit; width: 100%; box-sizing: border-box; padding: .4rem }
small { display: block; color: #667 }
.problem { color: #b00020 }
button { font: inherit; margin: 1.5rem .5rem 1rem 0; padding: .4rem 1rem }
"""


class SettingsPage:
    """The page; `wsgi` is the application to serve."""

    urls = Map(
        [
            Rule("/", endpoint="index"),
            Rule("/new", endpoint="new", methods=["GET", "POST"]),
            Rule("/connections/<path:name>", endpoint="edit", methods=["GET", "POST"]),
            Rule("/connections/<path:name>/test", endpoint="test", methods=["POST"]),
        ]
    )

    def __init__(self, path: Path, store: SecretStore) -> None:
        self.path = path
        self.store = store
        self.token = secrets.token_urlsafe()
        """Comes back with every form, so that no other site's page can send one."""
        self.wsgi = Request.application(self.answer)

    def answer(self, request: Request) -> Response:
        """Draw a page, or take what it sent."""
        get_host(request.environ, HOSTS)  # refuses any other
        endpoint, values = self.urls.bind_to_environ(request.environ).match()
        sent = request.form.to_dict()
        if request.method == "POST" and not hmac.compare_digest(sent.pop("token", ""), self.token):
            raise Forbidden
        try:
            settings = Settings.load(self.path, store=self.store)
            if endpoint == "index":
                return self.index(settings)
            if endpoint == "new":
                return self.new(settings, sent)
            return self.edit(settings, values["name"], sent, endpoint)
        except SpShippingError as error:
            return page("Amazon connections", f"<p class=problem>{escape(str(error))}</p>", status=400)

    def index(self, settings: Settings) -> Response:
        """List the connections."""
        rows = "".join(
            f'<li><a href="/connections/{quote(name, safe="")}">{escape(name)}</a>'
            f" ({len(settings.connection(name).problems()) or 'no'} problems)</li>"
            for name in settings.names
        )
        return page("Amazon connections", f'<ul>{rows}</ul><p><a href="/new">A new connection</a></p>')

    def new(self, settings: Settings, sent: Mapping[str, str]) -> Response:
        """Make a connection, unless there is one of that name."""
        name = sent.get("name", "").strip()
        if not sent:
            return self.form(settings, Settings().update("", {}))
        if not name or name in settings.names:
            told = "There is one of that name." if name else "Give it a name."
            return self.form(settings, Settings().update("", sent), f"<p class=problem>{told}</p>")
        return self.save(settings, name, sent)

    def edit(self, settings: Settings, name: str, sent: Mapping[str, str], endpoint: str) -> Response:
        """Show a connection, and take what was changed; test it if that is asked for."""
        if name not in settings.names:
            raise NotFound
        if not sent:
            return self.form(settings, settings.connection(name))
        saved = self.save(settings, name, sent)
        if endpoint == "edit":
            return saved
        connection = settings.connection(name)
        return self.form(settings, connection, tested(connection))

    def save(self, settings: Settings, name: str, sent: Mapping[str, str]) -> Response:
        """Keep what was sent, be it right or not yet: the page then shows what is wrong with it."""
        settings.update(name, {key: value.strip() for key, value in sent.items()})
        settings.save()
        return redirect(f"/connections/{quote(name, safe='')}", 303)

    def form(self, settings: Settings, connection: Connection, told: str = "") -> Response:
        """Draw all fields, with what is wrong beside each."""
        name = connection.name
        fields = "".join(
            f"<h2>{escape(section)}</h2>"
            + "".join(drawn(field, settings, is_new=not name) for field in found)
            for section, found in groupby(connection.describe(), key=lambda field: field["section"])
        )
        hidden = f'<input type=hidden name=token value="{self.token}">'
        where = f"/connections/{quote(name, safe='')}/test"
        test = f'<button formaction="{where}">Save and test connection</button>' if name else ""
        body = f"{told}<form method=post>{hidden}{fields}<button>Save</button>{test}</form>"
        return page(name or "A new connection", body + '<p><a href="/">All connections</a></p>')


def drawn(field: ConnectionDescription, settings: Settings, *, is_new: bool) -> str:
    """Draw one field."""
    name, label = field["name"], escape(field["label"])
    problems = (
        "" if is_new else "".join(f"<small class=problem>{escape(one)}</small>" for one in field["problems"])
    )
    star = " *" if field["required"] else ""
    return (
        f"<label for={name}>{label}{star}</label>{control(field, settings, is_new=is_new)}"
        f"{problems}<small>{escape(field['help'])}</small>"
    )


def control(field: ConnectionDescription, settings: Settings, *, is_new: bool) -> str:
    """Draw what a field is entered with. What is secret never comes back to the page."""
    name, value = field["name"], field["value"] or ""
    choices = list(settings.clients) if name == "client" else field["choices"]
    if choices:
        # what is there stays there until it is changed, be it wrong
        offered = dict.fromkeys(["", *choices, value])
        options = (f"<option{' selected' * (one == value)}>{escape(one)}</option>" for one in offered)
        return f"<select id={name} name={name}>{''.join(options)}</select>"
    if field["sensitive"]:
        shown = "" if is_new else escape(value)  # "set", or nothing
        return f'<input id={name} name={name} type=password autocomplete=off placeholder="{shown}">'
    fixed = " readonly" if name == "name" and not is_new else ""
    hint = escape(field["default"] or ", ".join(field["examples"][:3]))
    return f'<input id={name} name={name} value="{escape(value)}" placeholder="{hint}"{fixed}>'


def tested(connection: Connection) -> str:
    """Try the connection, and tell what came of it."""
    problems = connection.problems()
    if problems:
        return "<p class=problem>Mend what is wrong first; nothing was sent.</p>"
    credentials, marketplace, options = connection.client_options()
    with Client(credentials, marketplace, **options) as client:
        report = client.check("shipping")
    steps = "".join(
        f"<li>{escape(step.name)}: {step.outcome.value}"
        f"<small>{escape(' → '.join(filter(None, (step.detail, step.remedy))))}</small></li>"
        for step in report.steps
    )
    verdict = "The connection works." if report.is_ok else "The connection does not work yet."
    return f"<p><strong>{verdict}</strong></p><ol>{steps}</ol>"


def page(title: str, body: str, status: int = 200) -> Response:
    """Put a page together. Nothing of it is kept on the way."""
    html = f"<!doctype html><meta charset=utf-8><title>{escape(title)}</title><style>{STYLE}</style>"
    headers = {
        "cache-control": "no-store",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        "referrer-policy": "no-referrer",
    }
    return Response(f"{html}<h1>{escape(title)}</h1>{body}", status, headers, mimetype="text/html")


def main() -> None:
    """Serve the page on this machine."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "out/settings.toml")
    store: SecretStore = MemoryStore()
    if os.environ.get("SPSHIPPING_STORE_KEY"):
        store = FileStore(path.parent / "store")
    else:
        print("SPSHIPPING_STORE_KEY is not set: secrets are forgotten when this ends.")
    run_simple("127.0.0.1", 8470, SettingsPage(path, store).wsgi, threaded=True)


if __name__ == "__main__":
    main()
