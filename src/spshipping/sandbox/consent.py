"""The page where a seller lets an application in: here the seller has always just clicked."""

from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

from spshipping.sandbox.answers import HTML, Answer, page
from spshipping.sandbox.tokens import Tokens

CONSENT_PATH = "/apps/authorize/consent"
_APPLICATION = "amzn1.sellerapps.app."
_CLIENT = "amzn1.application-oa2-client."


def application_id(client_id: str) -> str:
    """Return the id under which sellers know the application of a client."""
    return _APPLICATION + client_id.removeprefix(_CLIENT)


def consent(tokens: Tokens, query: Mapping[str, str]) -> Answer:
    """Send a new seller's consent to where the application waits for it.

    Source: https://developer-docs.amazon.com/sp-api/docs/website-authorization-workflow
    """
    client_id = _CLIENT + query.get("application_id", "").removeprefix(_APPLICATION)
    target, state = query.get("redirect_uri", ""), query.get("state")
    if not state or not tokens.knows(client_id) or application_id(client_id) != query["application_id"]:
        return page(HTTPStatus.BAD_REQUEST, "Unknown application, or no state")
    if not _is_address(target):
        return page(HTTPStatus.BAD_REQUEST, "Invalid redirect_uri")
    seller, code = tokens.issue_code(client_id, target)
    answers = {"state": state, "selling_partner_id": seller, "spapi_oauth_code": code}
    joint = "&" if urlsplit(target).query else "?"
    return Answer(302, b"", HTML, {"Location": f"{target}{joint}{urlencode(answers)}"})


def _is_address(text: str) -> bool:
    if not (text.isascii() and text.isprintable()) or " " in text or "#" in text:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)
