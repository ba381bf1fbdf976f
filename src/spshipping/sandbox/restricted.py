"""The Tokens API, and restricted operations whose answers are told to the sandbox."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from spshipping.auth.tokens import CREATE_RESTRICTED_DATA_TOKEN
from spshipping.operation import Operation
from spshipping.sandbox.access import Resource
from spshipping.sandbox.answers import Answer, as_json, invalid_request
from spshipping.sandbox.app import Action, Asked
from spshipping.sandbox.tokens import LIFETIME, Tokens

MOST_RESOURCES = 50
"""Source: https://github.com/amzn/selling-partner-api-models (tokens_2021-03-01.json)"""


class RestrictedData:
    """Which operations are restricted, and the tokens that open them."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._operations: dict[str, Operation[Any]] = {}
        self.actions: Mapping[str, Action] = {CREATE_RESTRICTED_DATA_TOKEN.name: self.create}

    def add(self, operation: Operation[Any]) -> None:
        """Let tokens for *operation* be had, where it is restricted, in place of its route's former one."""
        self._operations.pop(operation.route, None)
        if operation.restricted is not None:
            self._operations[operation.route] = operation

    def create(self, asked: Asked) -> Answer:
        """Give a Restricted Data Token for the seller who asks, whichever application is to use it."""
        wanted = asked.body["restrictedResources"]
        if len(wanted) > MOST_RESOURCES:
            raise invalid_request(f"restrictedResources must have at most {MOST_RESOURCES} items")
        resources = tuple(self._resource(one, index) for index, one in enumerate(wanted))
        token = self._tokens.give_restricted(asked.seller, resources)
        return Answer(200, as_json({"restrictedDataToken": token, "expiresIn": LIFETIME}))

    def _resource(self, wanted: Mapping[str, Any], index: int) -> Resource:
        method, path, elements = wanted["method"], wanted["path"], frozenset(wanted.get("dataElements") or ())
        where = f"restrictedResources[{index}]"
        for operation in self._operations.values():
            if operation.method == method and _is_path_of(operation, path):
                unknown = sorted(elements.difference(operation.restricted or ()))
                if unknown:
                    raise invalid_request(f"{where}.dataElements: {unknown[0]} is none of {method} {path}")
                return Resource(method, path if path == operation.path else unquote(path), elements)
        raise invalid_request(f"{where}: {method} {path} is not a restricted resource")


def _is_path_of(operation: Operation[Any], path: str) -> bool:
    concrete = re.sub(r"\\\{\w+\\\}", "[^/{}?#]+", re.escape(operation.path))
    return path == operation.path or re.fullmatch(concrete, path) is not None


def told(answer: Any, elements: tuple[str, ...]) -> Action:
    """Make an action that answers *answer*, without the data elements that a token does not open."""

    def action(asked: Asked) -> Answer:
        closed = {name.lower() for name in elements if name not in asked.elements}
        return Answer(200, as_json(_without(answer, closed)))

    return action


def _without(data: Any, names: set[str]) -> Any:
    if isinstance(data, list):
        return [_without(item, names) for item in data]
    if isinstance(data, dict):
        return {name: _without(value, names) for name, value in data.items() if name.lower() not in names}
    return data
