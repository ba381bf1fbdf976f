"""The sandbox and clients of it, as in the tests over real HTTP."""

from tests.sandbox.conftest import client, make_client, order, sandbox

__all__ = ["client", "make_client", "order", "sandbox"]
