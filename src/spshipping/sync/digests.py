"""Short digests of what was delivered, by which a feed can leave out what need not be read again."""

import hashlib
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from spshipping.wire.model import Model, reveal


def digest_of(version: object) -> str:
    """Return a short digest, from which nothing can be read; of a tuple, the digests of its parts."""
    if isinstance(version, tuple):
        return ".".join(map(digest_of, version))
    text = version if isinstance(version, str) else None
    if text is None:
        text = reveal(version) if isinstance(version, Model) else repr(version)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@runtime_checkable
class SelectiveFeed(Protocol):
    """A feed that leaves out what was delivered, where it can tell before it has read all of it."""

    def note(self, delivered: Mapping[str, str]) -> None:
        """Note the digest of what was delivered last of each id; it is called before each page."""
        ...
