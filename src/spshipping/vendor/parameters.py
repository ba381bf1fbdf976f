"""Parameters that the vendor APIs share."""

from spshipping.operation import Parameter
from spshipping.wire.enums import OpenEnum


class SortOrder(OpenEnum):
    """In which order a list comes, by the time of creation."""

    ASC = "ASC"
    DESC = "DESC"


SORT_ORDER = Parameter("sortOrder")
NEXT_TOKEN = Parameter("nextToken")
