"""Application Management 2023-11-30: have a new client secret made."""

from spshipping.applications.api import ROTATE_APPLICATION_CLIENT_SECRET, ApplicationsApi
from spshipping.applications.api_async import AsyncApplicationsApi

__all__ = [
    "ApplicationsApi",
    "AsyncApplicationsApi",
    # operations
    "ROTATE_APPLICATION_CLIENT_SECRET",
]
