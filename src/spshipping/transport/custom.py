"""What of requests a client may be given, for the types of those who give it."""

from requests import Session
from requests.adapters import BaseAdapter

__all__ = ["BaseAdapter", "Session"]
