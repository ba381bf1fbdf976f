"""The documents that the sandbox can print, and the check of a requested one."""

from collections.abc import Mapping
from typing import Any

DPIS = (203, 300)
"""The resolutions of printers."""
WIDTH, LENGTH = 4, 6
"""The size of a document in inches."""
DOCUMENT_TYPES: Mapping[str, bool] = {"LABEL": True, "PACKSLIP": False}
"""The types of document, and whether each is mandatory."""
_SIZE: Mapping[str, Any] = {"width": WIDTH, "length": LENGTH, "unit": "INCH"}
_LAYOUT = "DEFAULT"
_JOINING: Mapping[str, list[bool]] = {"PDF": [True, False], "PNG": [False], "ZPL": [False]}

DEFAULT: Mapping[str, Any] = {
    "format": "PNG",
    "size": dict(_SIZE),
    "dpi": DPIS[0],
    "pageLayout": _LAYOUT,
    "needFileJoining": False,
    "requestedDocumentTypes": ["LABEL"],
}
"""The documents of a direct purchase that does not specify any."""


def supported() -> list[dict[str, Any]]:
    """Return what every rate supports, in Amazon's form."""
    details = [{"name": name, "isMandatory": is_mandatory} for name, is_mandatory in DOCUMENT_TYPES.items()]
    return [
        {
            "format": format_,
            "size": dict(_SIZE),
            "printOptions": [
                {
                    "supportedDPIs": list(DPIS),
                    "supportedPageLayouts": [_LAYOUT],
                    "supportedFileJoiningOptions": joining,
                    "supportedDocumentDetails": details,
                }
            ],
        }
        for format_, joining in _JOINING.items()
    ]


def problem(specification: Mapping[str, Any]) -> str | None:
    """Return why the documents of *specification* cannot be printed; None where they can."""
    dpi, joining = specification.get("dpi"), specification["needFileJoining"]
    types = specification["requestedDocumentTypes"]
    if any(specification["size"][name] != value for name, value in _SIZE.items()):
        return "Amazon Shipping doesn't support requested document size"
    if dpi not in DPIS:
        return f"Amazon Shipping doesn't support requested DPI {'null' if dpi is None else dpi}"
    if (specification.get("pageLayout") or _LAYOUT) != _LAYOUT:
        return "Amazon Shipping doesn't support requested page layout"
    if joining not in _JOINING[specification["format"]]:
        return (
            f"Amazon Shipping doesn't support file joining {str(joining).lower()} "
            f"for {specification['format']}"
        )
    for name, is_mandatory in DOCUMENT_TYPES.items():
        if is_mandatory and name not in types:
            return f"The document type {name} is mandatory"
    if not DOCUMENT_TYPES.keys() >= set(types):
        return "Amazon Shipping doesn't support a requested document type"
    return None
