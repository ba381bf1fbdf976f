"""Faults of every kind, each now and then."""

from typing import Any

from spshipping.sandbox import Sandbox

_BAD: list[tuple[str, float, dict[str, Any]]] = [
    ("drop_before", 0.02, {}),
    ("drop_before", 0.01, {"reset": True}),
    ("drop_after", 0.03, {}),
    ("drop_after", 0.01, {"reset": True}),
    ("cut_headers", 0.01, {}),
    ("cut_headers", 0.01, {"at": 9}),
    ("cut_body", 0.02, {}),
    ("cut_body", 0.01, {"at": 0, "reset": True}),
    ("status", 0.02, {"status": 500}),
    ("status", 0.02, {"status": 503}),
    ("status", 0.01, {"status": 429}),
    ("status_after", 0.02, {"status": 500}),
    ("status_after", 0.01, {"status": 504}),
    ("html", 0.01, {}),
    ("delay", 0.01, {"seconds": 0.02}),
    ("expire_token", 0.01, {}),
    ("wrong_length", 0.01, {}),
    ("wrong_length", 0.01, {"at": 40}),
    ("bad_chunk", 0.01, {}),
    ("bad_gzip", 0.01, {}),
    ("null_field", 0.02, {}),
    ("unknown_enum", 0.01, {}),
    ("unknown_field", 0.01, {}),
    ("number_as_text", 0.01, {}),
]
_LATE = ("delay", 0.001, {"seconds": 1.2})
"""Later than a client of the storm waits."""
_FOR_EVER = 10**9


def break_out(sandbox: Sandbox, seed: int) -> None:
    """Let every kind of fault strike at random, one request in three, until `sandbox.faults.clear()`."""
    for operation in ("*", "lwa"):
        for number, (kind, share, more) in enumerate([*_BAD, _LATE]):
            sandbox.add_fault(
                operation, kind, count=_FOR_EVER, share=share, seed=seed * 1000 + number, **more
            )
