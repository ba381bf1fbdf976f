"""Decode, encode and memory: our models against plain JSON, and against what one would pick instead."""

import gc
import json
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks import rivals
from benchmarks.fast import FAST, PLAIN, Goals, ways
from benchmarks.measure import Row, cpu_seconds
from benchmarks.samples import ANSWERS, answer, request
from spshipping.wire.convert import encode_request, loads, structure
from spshipping.wire.text import parse

DECODE_GOALS = {"getRates": Goals(2.0, 0.95), "getTracking": Goals(1.9, 0.70)}
ENCODE_GOAL, MEMORY_GOAL = 1.6, 0.60
_ROUNDS, _CALLS = 25, 60
_KEPT = 100


def decode() -> list[Row]:
    """Measure bytes to value, against `json.loads` of the same bytes."""
    rows = []
    for name, cls in ANSWERS.items():
        body = answer(cls)
        if structure(parse(body), cls)[1]:
            raise AssertionError("the sample is not well-formed, so this would measure repairs")
        found, missing = rivals.decoders(cls) if name == "getRates" else ({}, {})
        readers: dict[str, Callable[[bytes], object]] = {
            "json.loads": json.loads,
            **found,
        }
        work = {name: partial(read, body) for name, read in readers.items()} | ways(partial(loads, body, cls))
        taken = cpu_seconds(work, rounds=_ROUNDS, calls=_CALLS, is_best_of=True)
        for engine, seconds in taken.items():
            goal = DECODE_GOALS[name].of(engine) if name in DECODE_GOALS else None
            rows.append(Row(f"decode {name}", engine, seconds / taken["json.loads"], goal))
        rows += [Row(f"decode {name}", rival, None, note=reason) for rival, reason in missing.items()]
    return rows


def encode() -> list[Row]:
    """Measure a checked request to bytes, against `json.dumps` of its dictionary."""
    rows = []
    for label, is_full, goal in (("as a shop fills it", False, ENCODE_GOAL), ("every field", True, None)):
        model = request(is_full=is_full)
        plain = json.loads(encode_request(model))
        work: dict[str, Callable[[], object]] = {
            "json.dumps": partial(json.dumps, plain),
            "spshipping": partial(encode_request, model),
        }
        taken = cpu_seconds(work, rounds=_ROUNDS, calls=_CALLS, is_best_of=True)
        part = f"encode getRates, {label}"
        rows += [
            Row(part, "json.dumps, unchecked", 1.0),
            Row(part, "spshipping, limits checked", taken["spshipping"] / taken["json.dumps"], goal),
        ]
    return rows


def memory() -> list[Row]:
    """Measure the bytes kept for an answer, against its dictionary."""
    cls = ANSWERS["getRates"]
    body = answer(cls)
    found, _ = rivals.decoders(cls)
    engines = {name: partial(read, body) for name, read in {"dict": json.loads, **found}.items()}
    kept = {name: _bytes_kept(read) for name, read in (engines | ways(partial(loads, body, cls))).items()}
    return [
        Row(
            "memory getRates",
            name,
            size / kept["dict"],
            MEMORY_GOAL if name in (PLAIN, FAST) else None,
        )
        for name, size in kept.items()
    ]


def _bytes_kept(read: Callable[[], Any]) -> float:
    for _ in range(3):  # twins are made with the second
        read()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        kept = [read() for _ in range(_KEPT)]
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) / len(kept)
    finally:
        tracemalloc.stop()
