"""Labels on paper: merged, turned, previewed and printed; needs the extra `spshipping[labels]`."""

from spshipping.shipping.paper.documents import Label, LabelFile
from spshipping.shipping.paper.merge import Merged, MergedFile, RefusedLabel, merge_labels, merge_zpl
from spshipping.shipping.paper.preview import Preview, preview_zpl
from spshipping.shipping.paper.printing import PrintJob, print_by_lp, print_zpl
from spshipping.shipping.paper.sheets import PaperName, Rotation

__all__ = [
    "Label",
    "LabelFile",
    "Merged",
    "MergedFile",
    "PaperName",
    "Preview",
    "PrintJob",
    "RefusedLabel",
    "Rotation",
    "merge_labels",
    "merge_zpl",
    "preview_zpl",
    "print_by_lp",
    "print_zpl",
]
