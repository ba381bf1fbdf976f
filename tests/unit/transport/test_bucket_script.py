"""The script that Redis runs: its numbers are those of `Bucket`. What it does is shown over a real Redis."""

import re

from spshipping.transport import bucket
from spshipping.transport.bucket_script import FORM, LEAST_LIFE_SECONDS, TEXT


def test_the_script_takes_its_numbers_from_the_bucket() -> None:
    assert f"math.max({bucket.CALM_SECONDS}, {bucket.CALM_TURNS} / stated())" in TEXT
    assert f"at = now + {bucket.SLACK_SECONDS}" in TEXT
    assert f"rate * {bucket.YIELD}, stated() * {bucket.LEAST_SHARE}" in TEXT
    assert f"one > kept_plan * {bucket.LEAST_STATED} and one <= {bucket.MOST_RATE}" in TEXT
    assert TEXT.count(f"<= {bucket.FUZZ}") == TEXT.count(f"+ {bucket.FUZZ}") == 1
    assert not re.search(r"\$\w", TEXT)


def test_a_bucket_is_kept_in_a_known_form_for_a_day_at_least() -> None:
    assert FORM == 1  # a change of the form needs another number: versions share one Redis
    assert f"string.byte(kept) == {FORM}" in TEXT
    assert LEAST_LIFE_SECONDS == 24 * 3600
    numbers = bucket.Bucket.full(1.0, 1, 0.0).numbers()
    packed = re.search(r"struct.pack\('<B(d+)'", TEXT)
    assert packed is not None
    assert len(packed[1]) == len(numbers) + 1  # and how often it was used
    assert f"#kept == {1 + 8 * len(packed[1])} " in TEXT


def test_no_number_of_a_bucket_is_greater_than_what_a_double_counts_to() -> None:
    found = re.search(r"math.abs\(number\) <= (\d+)", TEXT)
    assert found is not None
    most = int(found[1])
    assert float(most - 1) != float(most) == float(most + 1)
