"""In a process of its own: keeps the orders of fifty pages, and prints by how many megabytes it has grown."""

import gc
import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.measure import resident_megabytes
from benchmarks.orders_samples import APIS, opened, read_page

PAGES = 50


def main(api: str, kind: str) -> None:
    """Read the page on standard input again and again, as dictionaries or as models."""
    body, operation = sys.stdin.buffer.read(), APIS[api].operation
    read: Callable[[bytes], Any] = json.loads if kind == "dict" else lambda page: read_page(api, page)
