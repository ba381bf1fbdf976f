"""The table of docs/sandbox.md is what was measured, and names every operation and where it is known from."""

import re

import pytest

from spshipping import operations
from tests.sandbox.measured import EDGE, Measured, measured
from tools import make_sandbox

Found = dict[str, Measured]


@pytest.fixture(scope="module")
def found() -> Found:
    return measured()


@pytest.mark.long
def test_the_table_on_the_page_is_as_it_would_be_written(found: Found) -> None:
    page = make_sandbox.PAGE.read_text("utf-8")
    assert page == make_sandbox.written(page, found), "run python -m tools.make_sandbox"


def test_the_table_has_every_operation_and_no_other() -> None:
    assert set(make_sandbox.ROWS) == {operation.route for operation in operations()}


def test_a_row_without_a_page_of_amazons_claims_no_more_than_the_form() -> None:
    bare = {row.close for row in make_sandbox.ROWS.values() if not row.source}
    assert bare == {make_sandbox.Close.FORM}
    pages = {row.source for row in make_sandbox.ROWS.values() if row.source}
    assert all(re.fullmatch(r"https://developer-docs\.amazon\.com/[\w/-]+", page) for page in pages)


@pytest.mark.long
def test_what_is_measured_is_what_the_sandbox_is_known_to_refuse(found: Found) -> None:
    purchase = found["POST /shipping/v2/shipments"]
    expected = {(400, "InvalidInput"), (400, "InvalidRequest"), (400, "TOKEN_EXPIRED")}
    assert purchase.refusals == expected
    assert (409, "Conflict") in found["POST /notifications/v1/destinations"].refusals
    assert (404, "ResourceNotFound") in found["GET /shipping/v2/tracking"].refusals
    statuses = {status for one in found.values() for status, _ in one.refusals}
    assert not statuses & {*EDGE, 500}
    assert found["POST /shipping/v2/ndrFeedback"].field_faults == ()
    assert "number_as_text" in found["POST /shipping/v2/shipments/rates"].field_faults
