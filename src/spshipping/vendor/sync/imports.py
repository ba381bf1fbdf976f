"""`PurchaseOrderImport` and `AsyncPurchaseOrderImport`: purchase orders as they come, none missed."""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Unpack

from spshipping.errors import InvalidRequestError, SwitchedOffError
from spshipping.operation import CallOptions
from spshipping.secret import discreet
from spshipping.settings import VendorSettings
from spshipping.sync import AsyncSync, CheckpointStore, Sync, SyncProgress, Window
from spshipping.sync.begin import begin_of, check_function
from spshipping.sync.passes import latest
from spshipping.sync.whole import pages
from spshipping.transport.io import iterate, run
from spshipping.vendor.orders.api import GET_PURCHASE_ORDERS
from spshipping.vendor.orders.matching import refuse_foreign
from spshipping.vendor.sync.feed import HORIZON, AsyncKnown, Known, PurchaseOrderFeed, Searches
from spshipping.vendor.sync.imported import ImportedOrder, ImportReason

if TYPE_CHECKING:
    from spshipping.vendor.api import VendorApi
    from spshipping.vendor.api_async import AsyncVendorApi

OVERLAP = timedelta(hours=6)
_ALL_ON = VendorSettings()


class PurchaseOrderImport(Sync[ImportedOrder]):
    """Delivers purchase orders as they become available and change, the latest state of each at least once.

    What is read follows the switches of the vendor's page: new orders and changed ones, what was
    acknowledged, cancelled and received of them, and those of the last six months that you do not have.
    Amazon answers for seven days at a time, a hundred orders a call, ten calls a second; a longer span is
    read in parts. For one thread at a time.

    Example:
        ```python
        imports = PurchaseOrderImport(client.vendor, FileCheckpoint("purchase-orders.json"))
        for batch in imports.batches():
            store(batch.items)
            batch.commit()
        ```
    """

    def __init__(
        self,
        vendor: "VendorApi",
        checkpoint: CheckpointStore,
        *,
        settings: VendorSettings = _ALL_ON,
        known: Known | None = None,
        since: datetime | timedelta = HORIZON,
        overlap: timedelta = OVERLAP,
        on_progress: Callable[[SyncProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Make an import. Nothing is sent, and nothing read, yet.

        Args:
            vendor: `client.vendor`; purchase orders of the client's vendor code, or of all codes where it has
                none.
            checkpoint: where it keeps what was processed; one for each import.
            settings: the switches: `connection.vendor()`.
            known: gets the numbers of a page, and returns those that you have; needed for missing orders. It
                may block.
            since: from when on where there is no checkpoint yet; how long ago, or when. Amazon keeps purchase
                orders for six months, which is the default.
            overlap: how far each pass reaches back into the one before: Amazon shows a purchase order hours
                after its date. What was delivered already is left out.
            on_progress: is called with every page.
            options: limits of time for each call. A search may always wait as long as the quota requires.

        Raises:
            InvalidRequestError: a time that is naive, negative or in the future, missing orders without
                `known`, or no store for a checkpoint.
        """
        context = vendor.context
        self._known = known
        self._feed = _feed_of(vendor, options, settings, known, overlap)
        super().__init__(
            self._feed,
            checkpoint,
            io=context.io,
            clock=context.clock,
            since=since,
            overlap=overlap,
            on_progress=on_progress,
            name=GET_PURCHASE_ORDERS.name,
        )

    def missing(
        self, known: Known | None = None, *, since: datetime | timedelta = HORIZON
    ) -> Iterator[ImportedOrder]:
        """Search for the purchase orders since a time, and yield those that you do not have.

        It costs a call for each hundred orders, known or not. The checkpoint is neither read nor changed.

        Args:
            known: gets the numbers of a page, and returns those that you have; None means the one of the
                import.
            since: how long ago they became available, or when; at most six months.

        Raises:
            SwitchedOffError: it is switched off in the settings.
            InvalidRequestError: `known` is no function, or `since` is no time.
            ConfigurationError: `known` returns something else.
        """
        return iterate(_missing(self._feed, known or self._known, since))

    def get(self, number: str) -> ImportedOrder:
        """Return one purchase order by its number, with its state where `import_history` is on.

        Raises:
            SwitchedOffError: the import is switched off in the settings.
            ConfigurationError: it is of another vendor code than the client's.
            NotFoundError: there is none of that number.
        """
        return run(_one(self._feed, number))


class AsyncPurchaseOrderImport(AsyncSync[ImportedOrder]):
    """Delivers purchase orders as they become available and change, the latest state of each at least once.

    It is what `PurchaseOrderImport` is, for `AsyncClient`. For one task at a time.

    Example:
        ```python
        imports = AsyncPurchaseOrderImport(client.vendor, FileCheckpoint("purchase-orders.json"))
        async for batch in imports.batches():
            await store(batch.items)
            await batch.commit()
        ```
    """

    def __init__(
        self,
        vendor: "AsyncVendorApi",
        checkpoint: CheckpointStore,
        *,
        settings: VendorSettings = _ALL_ON,
        known: AsyncKnown | None = None,
        since: datetime | timedelta = HORIZON,
        overlap: timedelta = OVERLAP,
        on_progress: Callable[[SyncProgress], object] | None = None,
        **options: Unpack[CallOptions],
    ) -> None:
        """Make an import. Nothing is sent, and nothing read, yet.

        The arguments are those of `PurchaseOrderImport`, with `client.vendor` of an `AsyncClient`.
        *checkpoint* and *known* may block: they are called in another thread. *known* and *on_progress* may
        be coroutine functions.

        Raises:
            InvalidRequestError: a time that is naive, negative or in the future, missing orders without
                `known`, or no store for a checkpoint.
        """
        context = vendor.context
        self._known = known
        self._feed = _feed_of(vendor, options, settings, known, overlap)
        super().__init__(
            self._feed,
            checkpoint,
            io=context.io,
            clock=context.clock,
            since=since,
            overlap=overlap,
            on_progress=on_progress,
            name=GET_PURCHASE_ORDERS.name,
        )

    def missing(
        self, known: AsyncKnown | None = None, *, since: datetime | timedelta = HORIZON
    ) -> AsyncGenerator[ImportedOrder, None]:
        """Search for the purchase orders since a time, and yield those that you do not have.

        See `PurchaseOrderImport.missing`.
        """
        return _missing(self._feed, known or self._known, since)

    async def get(self, number: str) -> ImportedOrder:
        """Return one purchase order by its number; see `PurchaseOrderImport.get`."""
        return await _one(self._feed, number)


def _feed_of(
    vendor: "VendorApi | AsyncVendorApi",
    options: CallOptions,
    settings: VendorSettings,
    known: Known | AsyncKnown | None,
    overlap: timedelta,
) -> PurchaseOrderFeed:
    searches = Searches.of(settings)
    if known is not None:
        check_function("known", known, is_blocking=vendor.context.io.is_blocking)
    elif searches.has_missing:
        raise InvalidRequestError(
            "is needed, since import_missing_orders is on: a function that gets numbers of purchase orders,"
            " and returns those that you have",
            path="known",
        )
    return PurchaseOrderFeed(vendor.context, options, searches=searches, known=known, overlap=overlap)


@discreet
async def _missing(
    feed: PurchaseOrderFeed, known: Known | AsyncKnown | None, since: datetime | timedelta
) -> AsyncGenerator[ImportedOrder, None]:
    """Yield what is missing; see `PurchaseOrderImport.missing`."""
    feed.searches.require()
    if not feed.searches.has_missing:
        raise SwitchedOffError(
            "the import of missing purchase orders is switched off, and nothing is sent: switch it on with"
            " import_missing_orders in the settings of the connection"
        )
    assert known is not None  # noqa: S101 - an import whose switch is on has one
    check_function("known", known, is_blocking=feed.context.io.is_blocking)
    context, searched = feed.context, feed.missing(known)
    end = latest(context.clock)
    window = Window(min(begin_of(since, context.clock.now()), end), end)
    fetch = partial(searched.page, window)
    async with aclosing(pages(context, fetch, searched.quota, GET_PURCHASE_ORDERS.name)) as found:
        async for page in found:
            for change in page.changes:
                yield change.value


@discreet
async def _one(feed: PurchaseOrderFeed, number: str) -> ImportedOrder:
    """Return one purchase order; see `PurchaseOrderImport.get`."""
    feed.searches.require()
    given: object = number
    if not isinstance(given, str) or not given.strip():
        raise InvalidRequestError("is the number of a purchase order, such as 2JK3S9VC", path="number")
    found = await feed.one(number.strip(), ImportReason.REQUESTED)
    refuse_foreign(found.purchase_order, feed.context.vendor_code)
    return found
