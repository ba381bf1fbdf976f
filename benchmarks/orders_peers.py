"""Runs in another client's environment: how it reads the page of orders on standard input.

Prints the ratio to `json.loads` of the same bytes, best of many rounds. `amzn-sp-api` is slower with every
page that a process reads, and has one round: its first page.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

_ROUNDS = 15
_FOLDERS = {"v0": "orders_v0", "v2026": "orders_v2026_01_01"}
_RESULTS = {"v0": "GetOrdersResponse", "v2026": "SearchOrdersResponse"}
Read = Callable[[bytes], Any]


def _official(api: str) -> Read:
    models = f"spapi.models.{_FOLDERS[api]}"
    configuration = import_module("spapi.configuration").Configuration()
    configuration.access_token_cache = None
    client = import_module("spapi.api_client").ApiClient(configuration)
    client.api_models_module = models
    import_module(models)
    return lambda body: client.deserialize(SimpleNamespace(data=body), _RESULTS[api])


def _untyped(_: str) -> Read:
    answer = import_module("sp_api.base").ApiResponse
    return lambda body: answer(**json.loads(body))


def _pydantic(api: str) -> Read:
    models = import_module(f"amzn_selling_partner.sdk.models.{_FOLDERS[api]}")
    adapter_for = import_module("amzn_selling_partner.sdk.models._base").adapter_for
    read: Read = adapter_for(getattr(models, _RESULTS[api])).validate_json
    return read


_PEERS = {
    "amzn-sp-api": (_official, 1),
    "python-amazon-sp-api": (_untyped, _ROUNDS),
    "amzn-selling-partner": (_pydantic, _ROUNDS),
}


def _seconds(read: Read, body: bytes) -> float:
    began = time.process_time()
    read(body)
    return time.process_time() - began


def main(package: str, api: str) -> None:
    """Print the ratio."""
    body = sys.stdin.buffer.read()
    make, rounds = _PEERS[package]
    read = make(api)
    if rounds > 1:
        read(body)
    plain, theirs = [], []
    for _ in range(rounds):
        plain += [_seconds(json.loads, body) for _ in range(_ROUNDS // rounds)]
        theirs.append(_seconds(read, body))
    print(min(theirs) / min(plain))


if __name__ == "__main__":
    main(*sys.argv[1:])
