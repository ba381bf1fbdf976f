"""What a rule of the rule book is, and what it finds."""

from collections.abc import Callable, Iterator
from enum import Enum, IntEnum
from typing import Any, NamedTuple, Self

from spshipping.regions import Marketplace


class Severity(IntEnum):
    """How bad a finding is; a higher one is worse."""

    INFO = 1
    WARNING = 2
    ERROR = 3
    """Amazon refuses or charges it: it is not sent, unless the rule is overruled."""

    @property
    def letter(self) -> str:
        """I, W or E."""
        return self.name[0]


class Sureness(Enum):
    """How sure it is that Amazon has a rule."""

    OFFICIAL = "a"
    """Amazon, or a standard, says so, and nothing contradicts it."""
    CONTRADICTED = "b"
    """Amazon says so, but another text of Amazon differs, or it was seen in part or in an old manual."""
    REPORTED = "c"
    """Others report it."""
    INFERRED = "d"
    """Inferred from documented facts; no source states it."""


class RuleRegion(Enum):
    """Where rules differ; each vendor code belongs to one of them."""

    NA = "NA"
    """The United States, Canada and Mexico."""
    EU = "EU"
    """The marketplaces of Europe, with the United Kingdom."""
    IN = "IN"
    """India."""
    OTHER = "other"
    """All others. Amazon has published no table of fields for them: that of Europe is applied as warnings."""

    @classmethod
    def of(cls, marketplace: Marketplace) -> Self:
        """Return where a marketplace belongs."""
        return cls(_REGIONS.get(marketplace.name, "other"))


_EUROPE = ("BE", "DE", "ES", "FR", "IE", "IT", "NL", "PL", "SE", "TR", "UK")
_REGIONS = {"CA": "NA", "MX": "NA", "US": "NA", "IN": "IN", **dict.fromkeys(_EUROPE, "EU")}

EVERYWHERE = frozenset(RuleRegion)
TABLES = frozenset({RuleRegion.NA, RuleRegion.EU, RuleRegion.IN})
"""The regions that Amazon's table of required fields has."""


class ShipmentKind(Enum):
    """Which shipments a rule is about."""

    TRUCK_LOAD = "TL"
    LESS_THAN_TRUCK_LOAD = "LTL"
    SMALL_PARCEL = "SP"
    PALLETISED = "PAL"
    """Anything on pallets."""
    IMPORT = "import"


class DocumentKind(Enum):
    """What a rule looks at."""

    ACKNOWLEDGEMENT = "acknowledgement"
    CONFIRMATION = "shipment confirmation"
    """An advance shipment notice (ASN)."""
    ROUTING = "routing request"
    """A `Shipment` of `SubmitShipments`, which asks Amazon to pick goods up."""
    QUERY = "query"
    """The filters of a search."""
    LABELS = "labels"
    """A `TransportLabel`, as it was received."""


class Part(NamedTuple):
    """One part of a rule: parts can differ in how bad and how sure they are."""

    severity: Severity
    sureness: Sureness


class Fault(NamedTuple):
    """What a rule found, before its severity is known."""

    path: str
    message: str
    remedy: str
    part: int = 0


Find = Callable[[Any], Iterator[Fault]]
"""Looks at one document, which it is given in the form of its kind, and yields what is wrong."""


class Rule(NamedTuple):
    """One rule of Amazon that a program can check."""

    id: str
    what: str
    """What is right."""
    documents: tuple[DocumentKind, ...]
    parts: tuple[Part, ...]
    sources: tuple[str, ...]
    """Ids of facts and of open questions."""
    violation: str
    """What is not."""
    find: Find
    regions: frozenset[RuleRegion] = EVERYWHERE
    kinds: frozenset[ShipmentKind] = frozenset()
    """Empty for all."""
    needs: tuple[str, ...] = ()
    """The names of what the context must have: without it, this rule, or a part of it, cannot be checked."""


class Finding(NamedTuple):
    """Where a document breaks a rule. It never holds personal data."""

    rule: str
    """Such as `L-002`."""
    severity: Severity
    path: str
    """Where in the document: `items[2].net_cost.amount`."""
    message: str
    remedy: str
    is_overruled: bool = False
    """An error that the caller wants to send nevertheless; its severity is WARNING then."""

    def __str__(self) -> str:
        return f"{self.severity.letter} {self.rule} {self.path}: {self.message} ({self.remedy})"


class Unchecked(NamedTuple):
    """A rule that could not be checked, or only in part."""

    rule: str
    missing: tuple[str, ...]
    """What the context would have to say: the names of its fields."""


E_SURE = Part(Severity.ERROR, Sureness.OFFICIAL)
W_SURE = Part(Severity.WARNING, Sureness.OFFICIAL)
W_CONTRADICTED = Part(Severity.WARNING, Sureness.CONTRADICTED)
W_REPORTED = Part(Severity.WARNING, Sureness.REPORTED)
W_INFERRED = Part(Severity.WARNING, Sureness.INFERRED)
I_SURE = Part(Severity.INFO, Sureness.OFFICIAL)
I_REPORTED = Part(Severity.INFO, Sureness.REPORTED)
