"""What a call is expected to come to when a fault meets it: one cell for each effect."""

from typing import NamedTuple

from spshipping import Effect
from tests.matrix.stage import Arrange, Outcome, Times


class Cells(NamedTuple):
    """What the calls of each effect come to."""

    none: Outcome
    keyed: Outcome
    once: Outcome
    idempotent: Outcome

    def of(self, effect: Effect) -> Outcome:
        """Return the cell of *effect*."""
        found: Outcome = getattr(self, effect.name.lower())
        return found


EITHER = "DecodeError` or `TransportError"
"""Both are right: it depends on what arrives at once."""


def fits(met: Outcome, expected: Outcome) -> bool:
    """Say whether a call came to what is expected."""
    names = (EITHER, *EITHER.split("` or `"))
    pairs = ((met.came_to, expected.came_to), (met.cause, expected.cause))
    return met[1:3] == expected[1:3] and all(
        one == two or (two == EITHER and one in names) for one, two in pairs
    )


class Row(NamedTuple):
    """One fault, and what is expected."""

    what: str
    arrange: Arrange
    once: Cells
    always: Cells | None
    """None where there is no second try that it could meet."""

    def cells(self, times: Times) -> Cells | None:
        """Return what is expected when it happens so often."""
        return self.once if times == "once" else self.always


# what a call comes to


def answer(tries: int) -> Cells:
    """All of them are carried out once, and answered."""
    asked, done = Outcome("answer", tries, 0), Outcome("answer", tries, 1)
    return Cells(asked, done, done, done)


def stopped(error: str, tries: int = 1) -> Cells:
    """All of them end with an error that says that nothing was done."""
    return Cells(*[Outcome(error, tries, 0)] * 4)


def unknown(tries: int, done: int, cause: str) -> Outcome:
    return Outcome("OutcomeUnknownError", tries, done, cause)


def lost(error: str, done: int) -> Cells:
    """What happens once to a call that was *done* 0 or 1 times before its answer was lost."""
    again = answer(2)
    cancelled = again.idempotent
    return Cells(again.none, again.keyed, unknown(1, done, error), cancelled)


def lost_always(error: str, done: int, tries: int = 4, reads: int | None = None) -> Cells:
    """The same, where it happens to every try; a read may stop earlier, after *reads*."""
    repeated = unknown(tries, done, error)
    return Cells(Outcome(error, reads or tries, 0), repeated, unknown(1, done, error), repeated)


def with_cancelled(cells: Cells, cancelled: Outcome) -> Cells:
    """The same, but for a cancellation."""
    return cells._replace(idempotent=cancelled)
