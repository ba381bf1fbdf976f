"""Acknowledge purchase orders line by line, and know what has become of each submission."""

from spshipping.vendor.acknowledge.acknowledgement import Acknowledgement
from spshipping.vendor.acknowledge.outcome import (
    Doubtful,
    LineOutcome,
    LineState,
    NotSent,
    Outcome,
    Overdue,
    Pending,
    Refused,
    SubmissionError,
    Superseded,
    Taken,
    Unconfirmed,
)
from spshipping.vendor.acknowledge.submission import Submission
from spshipping.vendor.acknowledge.workflow import BackOrder

__all__ = [
    "Acknowledgement",
    "BackOrder",
    "Submission",
    # what has become of a submission
    "Outcome",
    "Pending",
    "Doubtful",
    "Taken",
    "Unconfirmed",
    "Overdue",
    "Refused",
    "NotSent",
    "Superseded",
    "LineOutcome",
    "LineState",
    "SubmissionError",
]
