"""All rules, by their ids."""

from collections.abc import Mapping
from types import MappingProxyType

from spshipping.vendor.rules.acknowledgement_lines import LINE_ROWS
from spshipping.vendor.rules.acknowledgements import ANSWER_ROWS
from spshipping.vendor.rules.containers import CONTAINER_ROWS
from spshipping.vendor.rules.contents import CONTENT_ROWS
from spshipping.vendor.rules.header import HEADER_ROWS
from spshipping.vendor.rules.queries import QUERY_ROWS
from spshipping.vendor.rules.resending import RESENDING_ROWS
from spshipping.vendor.rules.routing import ROUTING_ROWS
from spshipping.vendor.rules.rule import Rule
from spshipping.vendor.rules.sizes import SIZE_ROWS

_ROWS = (
    *ANSWER_ROWS,
    *LINE_ROWS,
    *HEADER_ROWS,
    *RESENDING_ROWS,
    *CONTENT_ROWS,
    *CONTAINER_ROWS,
    *SIZE_ROWS,
    *ROUTING_ROWS,
    *QUERY_ROWS,
)
RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.id: rule for rule in sorted(_ROWS, key=lambda row: row.id)}
)
"""Every rule that a program can check, by its id."""
