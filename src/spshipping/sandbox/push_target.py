"""Where the sandbox pushes to, and how it shows there who it is."""

import base64
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

from spshipping.shipping.webhooks import WebhookMode
from spshipping.shipping.webhooks.checks import API_KEY_HEADER

_TIMEOUT = 5.0  # seconds of real time


class PushTarget(NamedTuple):
    """The address of a webhook, and how pushes are authenticated there."""

    url: str
    mode: WebhookMode = WebhookMode.API_KEY
    secret: str = ""
    """The API key, the value of the parameter, the password, or the access token of OAuth."""
    name: str = ""
    """Of the header or of the parameter."""
    user_name: str = ""
    retries: bool = True
    """Whether what fails is sent again; else it is dropped."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Self:
        """Read a target.

        Raises:
            ValueError: a value is missing or wrong.
        """
        unknown = set(data) - set(cls._fields)
        if unknown:
            raise ValueError(
                f"unknown: {', '.join(sorted(map(str, unknown)))}; known: {', '.join(cls._fields)}"
            )
        target = cls(**{"url": "", **data})
        texts = (target.url, target.secret, target.name, target.user_name)
        if not all(isinstance(text, str) for text in texts) or not isinstance(target.retries, bool):
            raise ValueError("url, secret, name and user_name are texts, and retries is true or false")
        if target.mode not in list(WebhookMode):
            raise ValueError(f"mode is one of {', '.join(WebhookMode)}")
        if urlsplit(target.url).scheme not in ("http", "https") or not urlsplit(target.url).hostname:
            raise ValueError("url is an address with http or https")
        if not target.secret:
            raise ValueError("a webhook has a secret")
        return target._replace(mode=WebhookMode(target.mode))

    def post(self, body: bytes) -> int | None:
        """Send a body; return the status of the answer, or None where there is none."""
        place = urlsplit(self.url)
        kind = HTTPSConnection if place.scheme == "https" else HTTPConnection
        connection = kind(place.netloc, timeout=_TIMEOUT)
        try:
            connection.request("POST", self._path(), body, self._headers())
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def _path(self) -> str:
        place = urlsplit(self.url)
        query = [place.query] if place.query else []
        if self.mode is WebhookMode.QUERY_PARAMETER:
            query.append(urlencode({self.name or "token": self.secret}))
        return f"{place.path or '/'}{'?' if query else ''}{'&'.join(query)}"

    def _headers(self) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if self.mode is WebhookMode.API_KEY:
            headers[self.name or API_KEY_HEADER] = self.secret
        elif self.mode is WebhookMode.USER_PASSWORD:
            pair = base64.b64encode(f"{self.user_name}:{self.secret}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        elif self.mode is WebhookMode.OAUTH:
            headers["Authorization"] = f"Bearer {self.secret}"
        return headers
