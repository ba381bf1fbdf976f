"""Where rules come from, and what is done where Amazon contradicts itself or says nothing."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType


class Source(Enum):
    """What states a fact."""

    GUIDE = ("guide", "https://github.com/amzn/selling-partner-api-docs")
    """Amazon's use case guide for vendors, in its last open version, of 2021."""
    DOCS = ("docs", "https://developer-docs.amazon.com/sp-api/docs/vendor-orders-api-v1-use-case-guide")
    """Amazon's present pages."""
    MODEL = ("model", "https://github.com/amzn/selling-partner-api-models")
    """Amazon's Swagger files, with their notes."""
    MANUAL = ("manual", "")
    """Older manuals of Amazon for vendors, in copies."""
    GS1 = ("GS1", "https://www.gs1.org/standards/id-keys/sscc")
    REPORT = ("report", "")
    """Vendors, and companies that serve them."""
    INFERENCE = ("inference", "")
    """Inferred from the other sources; none of them states it."""

    def __init__(self, title: str, url: str) -> None:
        self.title = title
        self.url = url


_GUIDE, _DOCS, _MODEL, _MANUAL = Source.GUIDE, Source.DOCS, Source.MODEL, Source.MANUAL
_GS1, _REPORT, _INFERENCE = Source.GS1, Source.REPORT, Source.INFERENCE
FACTS: Mapping[str, tuple[Source, ...]] = MappingProxyType(
    {
        "ACK-02": (_GUIDE, _DOCS),
        "ACK-03": (_GUIDE, _DOCS),
        "ACK-04": (_GUIDE, _DOCS),
        "ACK-07": (_MODEL, _GUIDE, _DOCS),
        "ACK-08": (_GUIDE,),
        "ACK-09": (_GUIDE, _INFERENCE),
        "ACK-12": (_GUIDE,),
        "ACK-13": (_GUIDE, _INFERENCE),
        "ACK-14": (_MODEL, _GUIDE),
        "ACK-15": (_GUIDE, _MODEL, _INFERENCE),
        "ACK-16": (_GUIDE, _MODEL, _DOCS),
        "ACK-19": (_GUIDE, _MODEL, _DOCS),
        "ACK-21": (_GUIDE, _REPORT),
        "ACK-23": (_MODEL, _GUIDE),
        "ACK-25": (_GUIDE,),
        "ACK-26": (_REPORT,),
        "ACK-28": (_GUIDE,),
        "ACK-29": (_GUIDE, _MODEL),
        "ACK-31": (_GUIDE, _INFERENCE),
        "ACK-33": (_MODEL,),
        "ACK-35": (_INFERENCE,),
        "ASN-02": (_GUIDE, _MODEL),
        "ASN-04": (_GUIDE, _MODEL),
        "ASN-05": (_GUIDE, _INFERENCE),
        "ASN-06": (_GUIDE, _MODEL),
        "ASN-07": (_GUIDE,),
        "ASN-08": (_GUIDE,),
        "ASN-10": (_MODEL, _GUIDE),
        "ASN-12": (_GUIDE,),
        "ASN-13": (_GUIDE, _REPORT),
        "ASN-20": (_GUIDE, _MODEL),
        "ASN-21": (_GUIDE, _MODEL),
        "ASN-22": (_GUIDE, _MODEL),
        "ASN-23": (_GUIDE, _MODEL),
        "ASN-24": (_GUIDE,),
        "ASN-25": (_GUIDE, _MODEL),
        "ASN-26": (_GUIDE, _MODEL),
        "ASN-29": (_GUIDE, _MODEL),
        "ASN-30": (_GUIDE, _MODEL),
        "ASN-31": (_GUIDE, _REPORT),
        "ASN-34": (_GUIDE, _MODEL),
        "ASN-35": (_GUIDE, _MODEL),
        "ASN-40": (_GUIDE, _MODEL, _MANUAL),
        "ASN-43": (_REPORT, _INFERENCE),
        "ASN-46": (_GUIDE, _INFERENCE),
        "ASN-47": (_MODEL,),
        "ASN-48": (_GUIDE, _MODEL, _MANUAL),
        "ASN-52": (_DOCS, _MODEL),
        "ASN-53": (_MODEL, _GUIDE, _INFERENCE),
        "ASN-56": (_MODEL,),
        "ASN-57": (_MODEL,),
        "ASN-58": (_MODEL,),
        "ASN-59": (_REPORT, _MANUAL),
        "ASN-60": (_GUIDE, _MODEL, _MANUAL),
        "ASN-61": (_GUIDE,),
        "ASN-63": (_MODEL, _MANUAL, _REPORT),
        "ASN-64": (_MODEL, _REPORT),
        "ASN-66": (_MODEL,),
        "ASN-67": (_MODEL, _INFERENCE),
        "ASN-70": (_MODEL, _INFERENCE),
        "ASN-71": (_MODEL, _INFERENCE),
        "ASN-72": (_MODEL, _INFERENCE),
        "ASN-73": (_MODEL, _INFERENCE),
        "ASN-74": (_MODEL, _INFERENCE),
        "ASN-75": (_MODEL, _INFERENCE),
        "ASN-76": (_MODEL, _INFERENCE),
        "ASN-77": (_MODEL, _INFERENCE),
        # has no other name
        "L-071": (_REPORT, _INFERENCE),
        "LBL-09": (_MANUAL, _REPORT),
        "PO-04": (_GUIDE, _DOCS),
        "PO-08": (_GUIDE,),
        "PO-12": (_MODEL, _GUIDE),
        "PO-15": (_MODEL, _GUIDE),
        "RTE-01": (_DOCS,),
        "RTE-03": (_DOCS, _REPORT),
        "RTE-04": (_DOCS,),
        "RTE-06": (_DOCS,),
        "RTE-21": (_DOCS,),
        "RTE-23": (_MODEL, _INFERENCE),
        "SSCC-01": (_GS1,),
        "SSCC-06": (_GS1,),
        "SSCC-08": (_GUIDE, _MANUAL, _GS1),
        "TXN-12": (_GUIDE, _DOCS, _INFERENCE),
    }
)
"""What states each fact that a rule is made from."""
DECISIONS: Mapping[str, str] = MappingProxyType(
    {
        "U-01": "An SSCC may have 18 digits or 20: both pass, and `Sscc.wire` gives 20.",
        "U-03": "The count of cartons beside that of pallets: state both. A confirmation with pallets, and"
        " without the count of cartons, passes.",
        "U-04": "A ship date in the future is a warning up to two days ahead, and an error beyond.",
        "U-06": "A rejection states the quantity that is rejected. Amazon's own samples state 0: a warning.",
        "U-07": "Whether an update of one line rejects the others is not known: answer the whole order each"
        " time.",
        "U-09": "An Original whose outcome is not known: send a Replace first. The same Original once more is"
        " a warning then, and an error where Amazon has it.",
        "U-11": "The 48 hours for changes count from the first answer. Business days are Monday to Friday,"
        " without the holidays that the caller names.",
        "U-12": "Check digits are strict for SSCCs of your own prefixes, and a warning for others. AMZNCC,"
        " BPS and CID are text.",
        "U-16": "The table of required fields has North America, Europe and India. Elsewhere that of Europe"
        " gives warnings; the United Kingdom is Europe.",
    }
)
"""What is done where Amazon contradicts itself, or says nothing."""
