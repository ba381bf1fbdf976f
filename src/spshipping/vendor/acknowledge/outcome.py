"""What has become of a submission, as far as Amazon shows it: one class for each kind of outcome."""

import dataclasses
from enum import Enum
from typing import Any

from spshipping.wire.text import parse, write


class LineState(Enum):
    """What Amazon shows of a line that was answered."""

    CONFIRMED = "confirmed"
    """It has the quantities that were submitted."""
    UNCONFIRMED = "unconfirmed"
    """It has no answer to the line yet."""
    DIFFERENT = "different"
    """It has other quantities, or those of an earlier answer."""
    MISSING = "missing"
    """It does not show the line."""


@dataclasses.dataclass(frozen=True, slots=True)
class LineOutcome:
    """What Amazon shows of one line."""

    item_sequence_number: str
    """As the order has it."""
    state: LineState
    accepted: int | None = None
    """What Amazon has noted as accepted, back orders included, in its own unit."""
    rejected: int | None = None
    ordered: int | None = None
    """What is ordered now: Amazon may have changed it."""


@dataclasses.dataclass(frozen=True, slots=True)
class SubmissionError:
    """One reason of Amazon's for a refusal."""

    code: str
    message: str
    details: str = ""
    lines: tuple[str, ...] = ()
    """The lines that the text may mean: a guess, since no field names them. Empty where it shows none.

    Of a shipment confirmation, its items; of a transportation request, its purchase orders."""
    advice: str | None = None
    """What such a text usually means; None where that is not known."""


@dataclasses.dataclass(frozen=True, slots=True)
class Pending:
    """It is too early to look; Amazon works on it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Doubtful:
    """It may have been sent, and no answer came."""

    advice: str


@dataclasses.dataclass(frozen=True, slots=True)
class Taken:
    """Amazon shows that it was taken."""

    lines: tuple[LineOutcome, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Unconfirmed:
    """Amazon has reported no failure, and does not show it either: most likely taken."""

    lines: tuple[LineOutcome, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Overdue:
    """Amazon still reports that it works on it, and shows no effect, where it usually does."""

    advice: str
    """What to do."""
    lines: tuple[LineOutcome, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """Amazon refused it. Correct it, and submit it anew."""

    errors: tuple[SubmissionError, ...] = ()
    lines: tuple[LineOutcome, ...] = ()
    """What Amazon shows of the lines all the same: whether a part was applied is not documented."""


@dataclasses.dataclass(frozen=True, slots=True)
class NotSent:
    """It certainly did not reach Amazon; submit it anew."""


@dataclasses.dataclass(frozen=True, slots=True)
class Superseded:
    """A later submission took its place before its outcome was known; look at that one."""


Outcome = Pending | Doubtful | Taken | Unconfirmed | Overdue | Refused | NotSent | Superseded
"""What became of a submission."""

_STORED: dict[str, type[Taken | Unconfirmed | Overdue | Refused]] = {
    each.__name__: each for each in (Taken, Unconfirmed, Overdue, Refused)
}
Shown = Taken | Unconfirmed | Overdue | Refused
"""The outcomes that are kept as text; the others follow from the state."""


def outcome_to_text(outcome: Outcome) -> str:
    """Return an outcome as JSON text."""
    return write({"kind": type(outcome).__name__, **_plain(dataclasses.asdict(outcome))})


def outcome_from_text(text: str) -> Shown:
    """Read what `outcome_to_text` has written."""
    found: dict[str, Any] = parse(text.encode())
    made = _STORED[found.pop("kind")]
    found["lines"] = tuple(
        LineOutcome(**{**line, "state": LineState(line["state"])}) for line in found["lines"]
    )
    if "errors" in found:
        found["errors"] = tuple(
            SubmissionError(**{**error, "lines": tuple(error["lines"])}) for error in found["errors"]
        )
    return made(**found)


def _plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value
