"""What several operations of Amazon Shipping declare: their headers, their quota and their roles."""

from spshipping.errors import ConfigurationError
from spshipping.operation import Parameter, Quota
from spshipping.regions import BUSINESS_HEADER, ShippingBusiness
from spshipping.roles import Role


def _named(business: object) -> str:
    try:
        return ShippingBusiness.named(business).value
    except ConfigurationError as error:
        reason = error.message
    raise ValueError(reason)


BUSINESS = Parameter(BUSINESS_HEADER, from_client=True, spelling=_named, python="business")
"""The header that names the Amazon Shipping business; the client's own, unless a call names one."""
IDEMPOTENCY_KEY = Parameter("x-amzn-IdempotencyKey", is_key=True, python="idempotency_key")
"""The header with the idempotency key of a purchase."""

QUOTA = Quota(80, burst=100)
"""Of every operation of Amazon Shipping but one."""
ROLES = (Role.DIRECT_TO_CONSUMER_SHIPPING, Role.AMAZON_LOGISTICS)
"""For Amazon's and other orders; for other orders only."""
