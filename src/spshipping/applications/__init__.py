"""Application Management 2023-11-30: have a new client secret made."""

from spshipping.applications.api import ROTATE_APPLICATION_CLIENT_SECRET, ApplicationsApi

__all__ = [
    "ApplicationsApi",
    # operations
    "ROTATE_APPLICATION_CLIENT_SECRET",
]
