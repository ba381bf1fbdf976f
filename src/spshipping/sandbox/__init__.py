"""A local SP-API over HTTP with state, a clock and faults; it needs no Amazon account and no money."""

from spshipping.sandbox.extras import EXTRAS, check_extras

check_extras(*EXTRAS)

from spshipping.sandbox.clock import SandboxClock  # noqa: E402 - the check comes first
from spshipping.sandbox.example import example_order  # noqa: E402 - the check comes first
from spshipping.sandbox.faults import Fault  # noqa: E402 - the check comes first
from spshipping.sandbox.keys import KeyRules  # noqa: E402 - the check comes first
from spshipping.sandbox.ledger import (  # noqa: E402 - the check comes first
    Label,
    Ledger,
    RequestRecord,
    TokenRequestRecord,
)
from spshipping.sandbox.orders import OrderSupply  # noqa: E402 - the check comes first
from spshipping.sandbox.proxy import SandboxProxy  # noqa: E402 - the check comes first
from spshipping.sandbox.pushes import SentPush  # noqa: E402 - the check comes first
from spshipping.sandbox.server import Sandbox, serve  # noqa: E402 - the check comes first
from spshipping.sandbox.tokens import Account  # noqa: E402 - the check comes first
from spshipping.sandbox.vendor import Defect, PurchaseOrderSupply, Receiving  # noqa: E402 - the check comes first

__all__ = [
    "Sandbox",
    "SandboxProxy",
    "serve",
    "example_order",
    "Account",
    "Defect",
    "Fault",
    "KeyRules",
    "Label",
    "Ledger",
    "OrderSupply",
    "PurchaseOrderSupply",
    "Receiving",
    "SandboxClock",
    "RequestRecord",
    "SentPush",
    "TokenRequestRecord",
]
