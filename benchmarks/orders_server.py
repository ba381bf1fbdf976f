"""A server of orders in a process of its own: page after page, each with the token of the next."""

import asyncio
import re

from benchmarks.orders_samples import APIS, page
from benchmarks.server import Canned, http, serve

PAGES = 200
_TOKEN = re.compile(rb"[?&](?:nexttoken|paginationtoken)=page-(\d{3})")
_MARK = "page-000"
_WHOLE = {api: page(api, _MARK, is_full=False) for api in APIS}
_SMALL = {api: page(api, orders=1, is_full=False) for api in APIS}


class _Orders(Canned):
    """A search for one order gets one, without a next page; every other search gets 200 pages."""

    def answer(self, head: bytes) -> bytes:
        """Return the page that is requested."""
        api = "v0" if b"/orders/v0/" in head else "v2026"
        if re.search(rb"maxresultsperpage=1\b", head):
            return http(_SMALL[api])
        found = _TOKEN.search(head)
        number = int(found[1]) if found else 1
        following = b"page-%03d" % (number + 1) if number < PAGES else b""
        return http(_WHOLE[api].replace(_MARK.encode(), following))


if __name__ == "__main__":
    asyncio.run(serve(_Orders))
