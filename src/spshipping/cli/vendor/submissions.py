"""Submissions on the command line: asked for, sent once, followed, and shown."""

import contextlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import click

from spshipping.cli.console import has_terminal, new_console, print_paragraph, print_table
from spshipping.cli.vendor.command import DONE, FAILED, REFUSED, UNKNOWN, print_json
from spshipping.cli.vendor.office import Office, Subject
from spshipping.errors import LeaseLostError, SpShippingError
from spshipping.vendor.acknowledge import (
    Acknowledgement,
    Doubtful,
    NotSent,
    Overdue,
    Pending,
    Refused,
    Submission,
)
from spshipping.vendor.acknowledge.outcome import outcome_to_text
from spshipping.vendor.acknowledge.submission import submission_of
from spshipping.vendor.asn import Asn
from spshipping.vendor.ledger.entry import Entry
from spshipping.wire.text import parse
from spshipping.wire.times import write_time

_WORST_FIRST = (FAILED, REFUSED, UNKNOWN, DONE)


class Sending(NamedTuple):
    """A document that is to be submitted."""

    document: Acknowledgement | Asn
    subject: Subject
    seen: int
    """The number of what was submitted last for it, as the command has seen it; 0 for nothing."""


class Sent(NamedTuple):
    """What came of a command that submits."""

    submission: Submission
    is_new: bool
    """False: the same was submitted before, and was not sent again as something new."""
    error: SpShippingError | None = None
    """Why it was not taken, or why that is not known."""


def code_of(submission: Submission) -> int:
    """Return the exit code that an outcome has."""
    match submission.outcome:
        case Refused() | NotSent():
            return REFUSED
        case Pending() | Doubtful() | Overdue():
            return UNKNOWN
    return DONE


def worst_of(codes: Iterable[int]) -> int:
    """Return the exit code of several things."""
    return min(codes, key=_WORST_FIRST.index, default=DONE)


def check_can_ask(*, is_agreed: bool) -> None:
    """Refuse to go on where a question could not be answered.

    Raises:
        click.UsageError: there is no terminal, and no `--yes`.
    """
    if not is_agreed and not has_terminal():
        raise click.UsageError("give --yes: there is no terminal to ask whether to submit")


def submit(
    office: Office,
    sending: Sending,
    *,
    is_agreed: bool,
    question: str,
    overrule: Sequence[str] = (),
    raised: Sequence[str] = (),
) -> Sent:
    """Ask, and submit a document.

    Args:
        office: where it is kept.
        sending: what is submitted.
        is_agreed: do not ask.
        question: what is asked.
        overrule: errors that do not prevent it.
        raised: warnings that prevent it.

    Raises:
        LeaseLostError: another command has submitted something for it meanwhile.
        SpShippingError: it cannot be sent.
    """
    if not is_agreed and not click.confirm(question, err=True):
        click.echo("Nothing was submitted.", err=True)
        raise click.exceptions.Exit(FAILED)
    with office.alone():
        if number_of(office.history(sending.subject)) != sending.seen:
            raise LeaseLostError(
                "another command has submitted something for it meanwhile: look at it, and repeat this one"
            )
        try:
            submission = office.client.vendor.submit(
                sending.document, ledger=office.ledger, overrule=overrule, raise_to_error=raised
            )
        except SpShippingError as error:
            history = office.history(sending.subject)
            if number_of(history) == sending.seen:
                raise  # it did not come so far that it was begun
            return Sent(submission_of(history[-1]), is_new=True, error=error)
    return Sent(submission, is_new=True)


def number_of(history: Sequence[Entry]) -> int:
    """Return the number of the last submission; 0 for none."""
    return history[-1].number if history else 0


def again(office: Office, submission: Submission) -> Sent:
    """Look at what was submitted by the same command before; what is in doubt is sent again."""
    return _looked_at(office, Sent(submission, is_new=False), 0.0)


def waited(office: Office, sent: Sent, wait: timedelta | None) -> Sent:
    """Wait until the outcome is known, or the time is over."""
    if wait is None or not sent.submission.is_open:
        return sent
    return _looked_at(office, sent._replace(error=None), wait)


def _looked_at(office: Office, sent: Sent, wait: timedelta | float) -> Sent:
    try:
        found = office.client.vendor.wait(sent.submission, ledger=office.ledger, timeout=wait)
    except SpShippingError as error:
        # it is submitted: that it could not be looked at is no reason to do it again
        entry = office.ledger.find(sent.submission.number)
        found = sent.submission if entry is None else submission_of(entry)
        return Sent(found, sent.is_new, error)
    return sent._replace(submission=found)


def submission_dict(submission: Submission) -> dict[str, Any]:
    """Return a submission, fit for JSON; without what was sent, which may hold an address."""
    return {
        "number": submission.number,
        "kind": submission.kind.value,
        "vendor_code": submission.vendor_code,
        "reference": submission.reference,
        "state": submission.state.value,
        "outcome": parse(outcome_to_text(submission.outcome).encode()),
        "transaction_id": submission.transaction_id,
        "began_at": write_time(submission.began_at),
        "sent_at": submission.sent_at and write_time(submission.sent_at),
        "next_check_at": submission.next_check_at and write_time(submission.next_check_at),
        "warnings": list(submission.warnings),
    }


def print_sent(sent: Sent, *, as_json: bool, has_waited: bool) -> int:
    """Print what came of a submission, and return the exit code."""
    submission, error = sent.submission, sent.error
    if as_json:
        facts = {**submission_dict(submission), "is_new": sent.is_new}
        if error is not None:
            facts |= {"error": type(error).__name__, "message": str(error)}
        print_json(facts)
    else:
        console = new_console()
        if not sent.is_new:
            print_paragraph(console, "The same was submitted before; it is not submitted again.")
        print_submissions([submission])
        if error is not None:
            click.echo(f"{type(error).__name__}: {error}", err=True)
    code = code_of(submission)
    # that Amazon works on it is all that can be known at once
    if isinstance(submission.outcome, Pending) and not has_waited:
        code = DONE
    return UNKNOWN if code == DONE and error is not None else code


def print_submissions(found: Sequence[Submission]) -> None:
    """Print submissions as a table, and below it what is to be done."""
    console = new_console()
    rows = [
        (
            str(each.number),
            each.kind.value,
            each.reference,
            write_time(each.began_at.replace(microsecond=0)),
            type(each.outcome).__name__.lower(),
            write_time(each.next_check_at.replace(microsecond=0)) if each.next_check_at else "",
        )
        for each in found
    ]
    columns = ("no.", "kind", "for", "submitted", "outcome", "look again at")
    print_table(console, columns, rows, right=("no.",))
    for each in found:
        for remark in _remarks(each):
            print_paragraph(console, f"→ {each.reference}: {remark}")


def _remarks(submission: Submission) -> Iterable[str]:
    outcome = submission.outcome
    if isinstance(outcome, Refused):
        for error in outcome.errors:
            lines = f" (line {', '.join(error.lines)}?)" if error.lines else ""
            advice = f": {error.advice}" if error.advice else ""
            details = f" {error.details}" if error.details else ""
            yield f"{error.code} {error.message}{details}{lines}{advice}"
    elif isinstance(outcome, Doubtful | Overdue):
        yield outcome.advice
    elif isinstance(outcome, NotSent):
        yield "it did not reach Amazon: submit it again"
    yield from (f"warning: {each}" for each in submission.warnings)


def print_problem(error: SpShippingError, reference: str, *, as_json: bool) -> None:
    """Print that one of several things failed."""
    if as_json:
        print_json({"reference": reference, "error": type(error).__name__, "message": str(error)})
    else:
        with contextlib.suppress(UnicodeEncodeError):
            click.echo(f"{reference}: {type(error).__name__}: {error}", err=True)
