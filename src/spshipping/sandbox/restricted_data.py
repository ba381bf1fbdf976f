"""The Tokens API, and restricted operations whose responses tests give to the sandbox."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from spshipping.auth.tokens import CREATE_RESTRICTED_DATA_TOKEN
from spshipping.operation import Operation
from spshipping.operation.routes import Routes
from spshipping.sandbox.access import Resource
from spshipping.sandbox.operations import ApiRequest, Implementation, Implementations
from spshipping.sandbox.refusals import invalid_request
from spshipping.sandbox.responses import Response, json_response
from spshipping.sandbox.tokens import LIFETIME, Tokens

MAX_RESOURCES = 50
"""Source: https://github.com/amzn/selling-partner-api-models (tokens_2021-03-01.json)"""


class RestrictedData:
    """The restricted operations, and the tokens that grant them."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._operations: Routes[Operation[Any]] = Routes()
        self.implementations: Implementations = {CREATE_RESTRICTED_DATA_TOKEN: self.create}

    def add(self, operation: Operation[Any]) -> None:
        """Issue tokens for *operation*, if it is restricted, in place of an earlier one of its route."""
        if operation.restricted is None:
            self._operations.discard(operation.route)
        else:
            self._operations.add(operation.route, operation)

    def create(self, request: ApiRequest) -> Response:
        """Issue a Restricted Data Token for the seller, whichever application will use it."""
        requested = request.body["restrictedResources"]
        if len(requested) > MAX_RESOURCES:
            raise invalid_request(f"restrictedResources must have at most {MAX_RESOURCES} items")
        resources = tuple(self._resource(one, index) for index, one in enumerate(requested))
        token = self._tokens.issue_restricted(request.seller, resources)
        return json_response({"restrictedDataToken": token, "expiresIn": LIFETIME})

    def _resource(self, requested: Mapping[str, Any], index: int) -> Resource:
        method, path = requested["method"], requested["path"]
        elements = frozenset(requested.get("dataElements") or ())
        where = f"restrictedResources[{index}]"
        operation = self._operation(method, path)
        if operation is None:
            raise invalid_request(f"{where}: {method} {path} is not a restricted resource")
        unknown = sorted(elements.difference(operation.restricted or ()))
        if unknown:
            raise invalid_request(f"{where}.dataElements: {unknown[0]} is none of {method} {path}")
        return Resource(method, path if path == operation.path else unquote(path), elements)

    def _operation(self, method: str, path: str) -> Operation[Any] | None:
        """Return the restricted operation with this path template, or with a template that fits the path."""
        found = self._operations.find(method, path)
        if found is None or (path != found[0].path and not set(path).isdisjoint("{}?#")):
            return None
        return found[0]


def fixed_response(data: Any, elements: tuple[str, ...]) -> Implementation:
    """Make an implementation that returns *data*, without the data elements that a token does not grant."""

    def implementation(request: ApiRequest) -> Response:
        withheld = {name.lower() for name in elements if name not in request.elements}
        return json_response(_without(data, withheld))

    return implementation


def _without(data: Any, names: set[str]) -> Any:
    if isinstance(data, list):
        return [_without(item, names) for item in data]
    if isinstance(data, dict):
        return {name: _without(value, names) for name, value in data.items() if name.lower() not in names}
    return data
