"""A random walk of a sync: what is done, what goes wrong meanwhile, and what must hold all the time."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random
from typing import Any, ClassVar

from spshipping import SpShippingError
from spshipping.orders import AsyncOrderSync, OrderSource, OrderSync
from spshipping.sync import Checkpoint
from tests.drives import Drive
from tests.kit import START
from tests.onloop import OnLoop
from tests.unit.sync.walk_amazon import HOUR, MINUTE, JumpingClock, Killed, Orders, Troubled

EVERY = 300.0
STEP_SECONDS = 240.0
"""So long a step takes at most: two minutes of repeats, half a minute for the quota, the last exchange."""
STEP_REQUESTS = 60


class Store:
    """Keeps a checkpoint as text, fails now and then, and belongs to one sync at a time."""

    def __init__(self, walk: "Walk", text: str | None = None) -> None:
        self._walk = walk
        self.text = text
        self.is_locked = False

    def lock(self) -> None:
        assert not self.is_locked
        self.is_locked = True

    def unlock(self) -> None:
        assert self.is_locked
        self.is_locked = False

    def load(self) -> Checkpoint | None:
        return None if self.text is None else Checkpoint.from_json(self.text)

    def save(self, checkpoint: Checkpoint) -> None:
        self._walk.may_fail(2)
        self.text = checkpoint.to_json()
        self._walk.may_fail(1)


class Walk:
    """A sync, its Amazon, and what was delivered."""

    amazon: Troubled

    def __init__(self, seed: int, drive: Drive) -> None:
        self.draw = Random(seed)
        self.clock = JumpingClock()
        self.drive = drive
        self.store = Store(self)
        self.kept: dict[str, tuple[Any, int]] = {}
        """What the user has of each item: its latest state as delivered, and how complete that is."""
        self.delivered: dict[tuple[str, Any], int] = {}
        """The same for all states that this process has delivered, while nothing failed."""
        self.sync: Any = None
        self.twice: list[str] = []
        """What came twice though nothing had failed."""
        self.done: list[str] = []
        self.due = 0.0
        """In how many seconds the next step is due."""

    # what a kind of sync says

    def make(self, client: Any) -> Any:
        """Make the sync."""
        raise NotImplementedError

    def state_of(self, item: Any) -> tuple[str, Any, int]:
        """Return what was delivered: the id, the state, and how complete it is."""
        raise NotImplementedError

    def states(self) -> dict[str, Any]:
        """Return the state of each item at Amazon."""
        raise NotImplementedError

    def change(self) -> None:
        """Let something change at Amazon."""
        raise NotImplementedError

    def named(self) -> list[str]:
        """Return what notifications name."""
        return []

    # what goes wrong

    def may_fail(self, percent: float) -> None:
        """Let the user's function, or the store, fail now and then, or the process end."""
        if self.amazon.does(percent):
            self.delivered.clear()
            raise Killed if self.draw.random() < 0.3 else OSError("no space left")

    def begin(self) -> None:
        """Begin a process, which has the checkpoint and nothing else."""
        self.store = Store(self, self.store.text)
        self.delivered.clear()
        self.sync = self.make(self.drive.client(self.amazon, self.clock))

    def deliver(self, batch: Any) -> None:
        self.may_fail(3)
        if self.amazon.has_broken_tokens:
            self.delivered.clear()
        for item in batch:
            key, state, rank = self.state_of(item)
            before = self.delivered.get((key, state), -1)
            if rank <= before:  # raised here, it would be taken for an error of the function
                self.twice.append(f"{key} as {state}")
            self.delivered[key, state] = rank
            self.kept[key] = state, rank
        self.may_fail(3)

    # what is done

    def act(self, kind: str) -> None:
        """Do one thing, which ends in time, with or without an error."""
        self.done.append(kind)
        requests, began, self.due = self.amazon.count, self.clock.elapsed, 0.0
        try:
            getattr(self, kind)()
        except Killed:
            self.begin()
        except (SpShippingError, OSError):
            pass
        if kind in ("step", "names"):
            assert self.amazon.count - requests <= STEP_REQUESTS
            assert self.clock.elapsed - began <= STEP_SECONDS, self.clock.elapsed - began
            self.clock.elapsed += self.due * self.draw.choice([1, 1, 0.5])
        assert self.twice == []
        if self.amazon.has_broken_tokens:
            self.delivered.clear()

    def step(self) -> None:
        self.due = self.sync.step_in(self.deliver, every=EVERY)
        assert 0 <= self.due <= 8_000, self.due

    def passes(self) -> None:
        for batch in self.sync.batches():
            self.deliver(batch)
            if self.amazon.does(5):
                self.delivered.clear()
                return
            batch.commit()

    def runs(self) -> None:
        ends_at = self.clock.elapsed + 600
        self.sync.run(self.deliver, every=EVERY, stop=Stopper(lambda: self.clock.elapsed > ends_at))

    def names(self) -> None:
        self.sync.step_changed(self.named(), self.deliver)

    def rewinds(self) -> None:
        self.delivered.clear()
        self.sync.rewind(self.draw.choice([HOUR, 5 * HOUR]))

    def kills(self) -> None:
        self.begin()

    def jumps(self) -> None:
        """Let this machine's clock jump, or Amazon's."""
        self.clock.wrong = self.draw.choice([0.0, 60.0, -60.0, *[self.draw.uniform(-20, 20) * 3600] * 2])
        before, self.amazon.ahead = self.amazon.ahead, self.draw.uniform(0, 120)
        if self.amazon.ahead < before:  # the checkpoint goes back too
            self.delivered.clear()

    def waits(self) -> None:
        self.clock.elapsed += self.draw.choice([60, 600, 3600, 26 * 3600])

    ACTS: ClassVar[list[str]] = (
        ["step"] * 12 + ["passes"] * 2 + ["runs", "kills", "waits", "jumps"] + ["names"] * 4
    )

    def walk(self, acts: int) -> "Walk":
        """Do so many things while there is trouble, then let all be calm until everything is delivered."""
        for _ in range(acts):
            for _ in range(self.draw.randrange(3)):
                self.clock.elapsed += self.draw.uniform(0, 60)
                self.change()
            self.amazon.trouble = self.draw.choice([0, 10, 40])
            self.amazon.has_broken_tokens = False
            self.act(
                self.draw.choice(self.ACTS + ["rewinds"] * bool(self.store.text and self.draw.random() < 0.1))
            )
        self.amazon.trouble = 0
        self.clock.elapsed += 900
        self.settle()
        return self

    def settle(self, most: int = 90) -> None:
        """Make steps until all is delivered, and then until none brings anything."""
        for _ in range(most):
            with suppress(SpShippingError):
                self.step()
                self.clock.elapsed += self.due
            if not self.missing():
                break
        for _ in range(20):
            self.step()
            self.clock.elapsed += self.due

    def missing(self) -> list[str]:
        """Return what the user does not have as it is."""
        return [key for key, state in self.states().items() if self.kept.get(key, (None, 0))[0] != state]


class Stopper:
    """Says stop once *when* holds."""

    def __init__(self, when: Callable[[], bool]) -> None:
        self.is_set = when


class OrdersWalk(Walk):
    """A walk of an `OrderSync`."""

    def __init__(self, seed: int, drive: Drive, source: OrderSource) -> None:
        super().__init__(seed, drive)
        self.amazon: Orders = Orders(self.draw, self.clock)
        self._source = source
        self._number = 0
        for _ in range(self.draw.randrange(40)):
            self.amazon.change(self._new(), timedelta(seconds=self.draw.uniform(0, 2 * 86_400)))
        self.begin()

    def _new(self) -> str:
        self._number += 1
        return f"026-{self._number:07}-1234567"

    def make(self, client: Any) -> Any:
        options: dict[str, Any] = {
            "since": START - timedelta(days=3),
            "source": self._source,
            "page_size": self.draw.choice([3, 5]),
        }
        if isinstance(client, OnLoop):
            return OnLoop(AsyncOrderSync(client._target.orders, self.store, **options), client._loop)
        return OrderSync(client.orders, self.store, **options)

    def state_of(self, item: Any) -> tuple[str, Any, int]:
        return item.amazon_order_id, item.items[0].quantity_ordered, int(not item.incomplete)

    def states(self) -> dict[str, Any]:
        return {key: count for key, (_, count) in self.amazon.states.items()}

    def change(self) -> None:
        keys = list(self.amazon.states)
        is_new = not keys or self.draw.random() < 0.5
        self.amazon.change(self._new() if is_new else self.draw.choice(keys[-10:]))

    def named(self) -> list[str]:
        recent = self.amazon.now() - 5 * MINUTE
        keys = [key for key, (time, _) in self.amazon.states.items() if time > recent]
        return [*keys, "026-0000000-0000000"]
