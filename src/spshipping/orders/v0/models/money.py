"""An amount of money, as Orders v0 spells it."""

from decimal import Decimal
from typing import Annotated

from spshipping.wire.limits import AS_TEXT
from spshipping.wire.model import Model, pascal


@pascal
class Money(Model):
    """An amount, and its currency; text on the wire, exact here."""

    currency_code: str | None = None
    amount: Annotated[Decimal, AS_TEXT] | None = None
