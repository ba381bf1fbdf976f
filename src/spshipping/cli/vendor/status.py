"""`spshipping vendor status`: what has become of submissions."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import click

from spshipping.cli.console import new_console, print_paragraph
from spshipping.cli.sync import span
from spshipping.cli.vendor.command import FAILED, as_json_option, print_json
from spshipping.cli.vendor.office import Office, with_office
from spshipping.cli.vendor.submissions import (
    code_of,
    print_problem,
    print_submissions,
    submission_dict,
    worst_of,
)
from spshipping.errors import InvalidRequestError, SpShippingError
from spshipping.vendor.acknowledge import Submission


@click.command()
@click.argument("references", metavar="[REFERENCE]...", nargs=-1)
@click.option("--all", "is_all", is_flag=True, help="Also those whose outcome was known before.")
@click.option("--wait", type=span, help="Wait so long, such as 1h, until the outcomes are known.")
@as_json_option
@with_office
def status(
    office: Office, references: Sequence[str], *, is_all: bool, wait: timedelta | None, as_json: bool
) -> None:
    """Look at what has become of what was submitted: acknowledgements, shipments, pickup requests.

    Without REFERENCE, the number of a purchase order or the identifier of a shipment, it looks at all whose
    outcome is open. What may not have arrived is sent again. Amazon shows nothing for a quarter of an hour.

    The exit code is 0 if all outcomes are known and good; 4 if Amazon refused one, or it did not reach
    Amazon; 3 if one is not known yet; 1 if one could not be looked at.
    """
    chosen = list(_chosen(office, references, is_all=is_all))
    ends_at = office.clock.monotonic() + (wait.total_seconds() if wait else 0.0)
    found, codes = [], []
    for submission in chosen:
        try:
            left = max(0.0, ends_at - office.clock.monotonic())
            found.append(office.client.vendor.wait(submission, ledger=office.ledger, timeout=left))
        except SpShippingError as error:
            print_problem(error, submission.reference, as_json=as_json)
            codes.append(FAILED)
        else:
            codes.append(code_of(found[-1]))
            if as_json:
                print_json(submission_dict(found[-1]))
    if found and not as_json:
        print_submissions(found)
    elif not chosen and not as_json:
        print_paragraph(new_console(), "✓ No outcome is open.")
    click.get_current_context().exit(worst_of(codes))


def _chosen(office: Office, references: Sequence[str], *, is_all: bool) -> Iterator[Submission]:
    wanted = {reference.strip() for reference in references}
    is_open = None if is_all or wanted else True
    latest: dict[tuple[str, str], Submission] = {}
    for submission in office.client.vendor.submissions(ledger=office.ledger, open=is_open):
        if not wanted:
            yield submission
        elif submission.reference in wanted:
            if is_all:
                yield submission
            latest[submission.kind.value, submission.reference] = submission
    missing = wanted - {reference for _, reference in latest}
    if missing:
        raise InvalidRequestError("nothing was submitted for it", path=", ".join(sorted(missing)))
    if not is_all:
        yield from latest.values()
