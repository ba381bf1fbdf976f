"""Which documents the sandbox prints, and whether a requested one is among them."""

from collections.abc import Mapping
from typing import Any

DPIS = (203, 300)
SIZE: Mapping[str, Any] = {"width": 4, "length": 6, "unit": "INCH"}
_JOINING: Mapping[str, list[bool]] = {"PDF": [True, False], "PNG": [False], "ZPL": [False]}

DEFAULT: Mapping[str, Any] = {
    "format": "PNG",
    "size": dict(SIZE),
    "dpi": 203,
    "pageLayout": "DEFAULT",
    "needFileJoining": False,
    "requestedDocumentTypes": ["LABEL"],
}
"""What a direct purchase gives unless told."""


def supported() -> list[dict[str, Any]]:
    """Return what every rate supports, in Amazon's form."""
    details = [{"name": "LABEL", "isMandatory": True}, {"name": "PACKSLIP", "isMandatory": False}]
    return [
        {
            "format": format_,
            "size": dict(SIZE),
            "printOptions": [
                {
                    "supportedDPIs": list(DPIS),
                    "supportedPageLayouts": ["DEFAULT"],
                    "supportedFileJoiningOptions": joining,
                    "supportedDocumentDetails": details,
                }
            ],
        }
        for format_, joining in _JOINING.items()
    ]


def problem(asked: Mapping[str, Any]) -> str | None:
    """Say why *asked* cannot be printed, if so."""
    format_, dpi, joining = asked["format"], asked.get("dpi"), asked["needFileJoining"]
    layout, types = asked.get("pageLayout") or "DEFAULT", asked["requestedDocumentTypes"]
    if any(asked["size"][name] != value for name, value in SIZE.items()):
        return "Amazon Shipping doesn't support requested document size"
    if dpi not in DPIS:
        return f"Amazon Shipping doesn't support requested DPI {'null' if dpi is None else dpi}"
    if layout != "DEFAULT":
        return "Amazon Shipping doesn't support requested page layout"
    if joining not in _JOINING[format_]:
        return f"Amazon Shipping doesn't support file joining {str(joining).lower()} for {format_}"
    if "LABEL" not in types:
        return "The document type LABEL is mandatory"
    if not {"LABEL", "PACKSLIP"}.issuperset(types):
        return "Amazon Shipping doesn't support a requested document type"
    return None
