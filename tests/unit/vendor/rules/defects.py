"""What a defect is: one change to a clean document, which one rule is to find."""

from collections.abc import Callable
from random import Random
from typing import Any, NamedTuple

from spshipping.vendor.rules import Severity
from tests.unit.vendor.rules.clean import Case

E, W, I = Severity.ERROR, Severity.WARNING, Severity.INFO  # noqa: E741 - the letters of the rule book


class Defect(NamedTuple):
    """One way of breaking a rule."""

    rule: str
    name: str
    severity: Severity
    path: str
    """The last names of the path of the finding."""
    make: Callable[[Random], Case[Any]]


class Defects(list[Defect]):
    """A table of defects, which its functions enter themselves into."""

    def __init__(self, clean: Callable[..., Case[Any]]) -> None:
        super().__init__()
        self._clean = clean

    def of(
        self, rule: str, severity: Severity, path: str, **needs: Any
    ) -> Callable[[Callable[[Any, Random], None]], None]:
        """Enter a function that breaks *rule* in a clean case, which has what it *needs*."""

        def enter(apply: Callable[[Any, Random], None]) -> None:
            def make(rng: Random) -> Case[Any]:
                case = self._clean(rng, **needs)
                apply(case, rng)
                return case

            self.append(Defect(rule, apply.__name__, severity, path, make))

        return enter
