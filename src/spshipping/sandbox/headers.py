"""The names of the headers that the SP-API reads and writes, each stated once."""

from spshipping.regions import BUSINESS_HEADER

ACCESS_TOKEN = "x-amz-access-token"  # noqa: S105 - the name of a header
BUSINESS = BUSINESS_HEADER
DATE = "x-amz-date"
IDEMPOTENCY_KEY = "x-amzn-IdempotencyKey"
RATE_LIMIT = "x-amzn-RateLimit-Limit"
REQUEST_ID = "x-amzn-RequestId"
ERROR_TYPE = "x-amzn-ErrorType"
SANDBOX = "X-Spshipping-Sandbox"
"""The header of every answer of the local sandbox: it distinguishes them from Amazon's answers."""
