"""What tests do with a sandbox beside requests: look up, save and restore, let things happen."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from spshipping.environment import PREFIX
from spshipping.sandbox.ledger import Ledger
from spshipping.sandbox.notifications import Casing, Notifications
from spshipping.sandbox.orders import Orders
from spshipping.sandbox.orders.record import Order
from spshipping.sandbox.orders.seller_orders import Change
from spshipping.sandbox.push_target import PushTarget
from spshipping.sandbox.pushes import Pushes
from spshipping.sandbox.sent import Bought, Requests
from spshipping.sandbox.state import Snapshot, State
from spshipping.sandbox.tokens import Account
from spshipping.sandbox.triggers import Triggered, Triggers


class ForTests:
    """The part of a sandbox that is for tests."""

    if TYPE_CHECKING:
        ledger: Ledger
        snapshots: dict[str, Snapshot]
        _notifications: Notifications
        _orders: Orders
        _state: State
        _triggers: Triggers

        @property
        def pushes(self) -> Pushes: ...
        @property
        def url(self) -> str: ...
        @property
        def token_url(self) -> str: ...
        @property
        def credentials(self) -> dict[str, str]: ...

    @property
    def requests(self) -> Requests:
        """The requests that were received, as `sandbox.requests.one("purchaseShipment").body`."""
        return Requests(self.ledger)

    @property
    def bought(self) -> Bought:
        """The labels that were bought, as `sandbox.bought.one(reference="ORDER-1").cost`."""
        return Bought(self.ledger)

    @property
    def spent(self) -> dict[str, Decimal]:
        """Money spent per currency, without cancelled labels."""
        return self.ledger.spent

    @property
    def environment(self) -> dict[str, str]:
        """The variables `SPSHIPPING_*` for a program that makes its own client, `monkeypatch.setenv` say.

        Such a client has the machine's time: `frozen_at=None` gives the sandbox the same.
        """
        facts = {**self.credentials, "endpoint": self.url, "token_url": self.token_url, "marketplace": "UK"}
        return {f"{PREFIX}{name.upper()}": value for name, value in facts.items()}

    def orders(self, *, seller: str | None = None) -> list[Order]:
        """Return every order of a seller that the APIs return by now, in its present state, oldest first.

        Args:
            seller: the seller's id; None for the seller of `credentials`.
        """
        return self._orders.by_seller.of(seller or Account().seller).orders()

    def order_changes(self, *, after: int = 0, seller: str | None = None) -> list[Change]:
        """Return every change of a seller's orders that the APIs return by now, in the order of appearance.

        Args:
            after: leave out the changes up to this number.
            seller: the seller's id; None for the seller of `credentials`.
        """
        return self._orders.by_seller.of(seller or Account().seller).changes(after)

    def notifications(self, *, casing: Casing = "pascal") -> list[dict[str, Any]]:
        """Return every notification that was sent so far, as a consumer of SQS would receive it.

        Args:
            casing: the spelling of the field names; Amazon uses both.
        """
        self._orders.by_seller.update()
        return self._notifications.sent(casing)

    def snapshot(self) -> Snapshot:
        """Save the whole state, accounts, faults and time included. No request may be under way.

        What was added with `add_operation` is no state. Of real time, the seconds by which it was advanced
        are saved.
        """
        return self._state.save()

    def restore(self, snapshot: Snapshot) -> None:
        """Bring back a state that this sandbox had; as often as needed. No request may be under way.

        Raises:
            ValueError: it is of another sandbox.
        """
        self._state.load(snapshot)

    def trigger(self, event: str, /, *, to: str | None = None, **fields: Any) -> Triggered:
        """Let something happen now, and send the message about it.

        - `ORDER_CHANGE` changes an order: `order_id` (the newest that can change), `status` in the words of
          Orders v0 (the next one), `change="BuyerRequestedChange"` for a buyer's wish to cancel, `seller`.
        - `TRACKING`, `NDR` and `OTP` report a parcel: `tracking_id` (the last one that Amazon carries).
        - `PURCHASE_ORDER_CHANGE` changes a purchase order: `purchase_order` (the newest open one), `change`
          (`quantity`, `line`, `window` or `order`, which cancels it), `seller`. Amazon has no notification
          of it, so that the message has a form of our own.
        - A notification of any other type is sent with its `payload` and payload `version`, and nothing
          changes.

        Args:
            event: which of them.
            to: `"queue"`: the notifications, and `on_notification`; or `"webhook"`: the address given to
                `push_to`. By default what Amazon uses: the webhook for parcels, the queue for the others.
            fields: what the event is about.

        Raises:
            ValueError: there is no such event or field, nothing that can change, or no webhook.
        """
        return self._triggers.trigger(event, to, fields)

    def push_to(
        self,
        url: str | None,
        *,
        mode: str = "api_key",
        secret: str = "",
        name: str = "",
        user_name: str = "",
        retries: bool = True,
    ) -> None:
        """Push what happens to parcels to a webhook, from now on, whenever the clock is advanced.

        Args:
            url: the webhook; None ends it.
            mode: how the sandbox shows who it is, a `WebhookMode`.
            secret: the API key, the value of the query parameter, the password, or the access token.
            name: of the header or of the query parameter.
            user_name: what goes with a password.
            retries: send again what fails, for a day; if not, it is dropped. Amazon does not publish which.

        Raises:
            ValueError: an argument is missing or wrong.
        """
        given = {"url": url, "mode": mode, "secret": secret, "name": name}
        more = {"user_name": user_name, "retries": retries}
        self.pushes.push_to(None if url is None else PushTarget.read(given | more))

    def push(self, tracking_id: str, kind: str = "tracking") -> int | None:
        """Push now what happened last to a parcel; see `Pushes.push`."""
        return self.pushes.push(tracking_id, kind)
