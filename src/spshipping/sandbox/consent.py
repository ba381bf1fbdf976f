"""The page where a seller authorizes an application; in the sandbox the seller always agrees at once."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from spshipping.sandbox.refusals import RefusedError
from spshipping.sandbox.responses import HTML, Response, html_response
from spshipping.sandbox.tokens import Tokens, application_id, client_id_of

CONSENT_PATH = "/apps/authorize/consent"


def consent(tokens: Tokens, query: Mapping[str, str]) -> Response:
    """Redirect to the application with the authorization code of a new seller.

    Source: https://developer-docs.amazon.com/sp-api/docs/website-authorization-workflow

    Raises:
        RefusedError: an unknown application, no state, or a redirect_uri that is not an address.
    """
    client_id = client_id_of(query.get("application_id", ""))
    target, state = query.get("redirect_uri", ""), query.get("state")
    if not state or not tokens.has_client(client_id) or application_id(client_id) != query["application_id"]:
        raise _refused("Unknown application, or no state")
    if not _is_address(target):
        raise _refused("Invalid redirect_uri")
    seller, code = tokens.issue_code(client_id, target)
    parameters = {"state": state, "selling_partner_id": seller, "spapi_oauth_code": code}
    separator = "&" if urlsplit(target).query else "?"
    return Response(302, b"", HTML, {"Location": f"{target}{separator}{urlencode(parameters)}"})


def _refused(title: str) -> RefusedError:
    return RefusedError(html_response(HTTPStatus.BAD_REQUEST, title))


def _is_address(text: str) -> bool:
    if not (text.isascii() and text.isprintable()) or " " in text or "#" in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
