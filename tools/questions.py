"""What readers come with, and where the answer stands."""

from typing import NamedTuple


class Question(NamedTuple):
    """One question."""

    words: str
    """As somebody would type it into the search."""
    pages: tuple[str, ...]
    """The pages that answer it, each by its path without an end."""
    heading: str
    """The heading of the answer on the first of them."""


QUESTIONS = (
    Question("install", ("index",), "Install"),
    Question("buy a label", ("index", "ship", "tutorial"), "Buy a label"),
    Question("answer is lost", ("money", "errors", "troubleshooting"), "When the answer is lost"),
    Question("tracking", ("tracking", "operations/getTracking"), "Tracking"),
    Question("cancel", ("money", "tutorial", "operations/cancelShipment", "ship"), "Cancelling"),
    Question("orders with addresses", ("orders", "operations/getOrderAddress"), "Orders with addresses"),
    Question("fastapi service", ("async", "web-applications"), "In a web service: FastAPI"),
    Question("test without an account", ("sandbox", "testing"), "The sandbox"),
    Question("getRates roles", ("operations/getRates",), "getRates"),
    Question("QuotaExceeded", ("traffic", "troubleshooting"), "What QuotaExceeded means"),
)
