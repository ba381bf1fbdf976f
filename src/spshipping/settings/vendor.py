"""What a vendor's page says of the import of purchase orders, in types."""

from collections.abc import Mapping
from typing import NamedTuple

from spshipping.settings.field import TRUE, Value
from spshipping.settings.fields import BY_NAME


class VendorSettings(NamedTuple):
    """Which purchase orders are imported."""

    synchronization_enabled: bool = True
    """Off: nothing is imported."""
    orders_integration: bool = True
    """Off: no purchase orders are imported."""
    import_new_orders: bool = True
    """Those that become available, and those that Amazon changes."""
    import_missing_orders: bool = False
    """Those of the last six months that you do not have."""
    import_history: bool = False
    """What was acknowledged, cancelled and received of each."""


def vendor_settings(values: Mapping[str, Value]) -> VendorSettings:
    """Return what the fields of a connection say, in types. They were checked before."""
    return VendorSettings(**{name: _is_on(values, name) for name in VendorSettings._fields})


def _is_on(values: Mapping[str, Value], name: str) -> bool:
    field, value = BY_NAME[name], values.get(name)
    return (field.default if value is None else field.choice(str(value))) == TRUE
