"""The quota keeper as a call uses it: directly where it is in memory, through `Io` where it may block."""

from __future__ import annotations

from spshipping.operation import Quota
from spshipping.transport.bucket import QuotaState, Reservation
from spshipping.transport.io import Io
from spshipping.transport.quota import Key, MemoryQuota, QuotaKeeper


class Reservations:
    """Reservations of one client's calls, with whichever keeper."""

    __slots__ = ("_io", "_is_memory", "keeper")

    def __init__(self, keeper: QuotaKeeper, io: Io) -> None:
        self.keeper: QuotaKeeper = keeper
        self._io = io
        # a keeper made from it may do more, and block
        self._is_memory = type(keeper) is MemoryQuota

    async def reserve(self, key: Key, quota: Quota, longest: float) -> Reservation:
        """Take the next reservation, unless it is more than *longest* seconds away."""
        if self._is_memory:
            return self.keeper.reserve(key, quota, longest)
        return await self._io.plugin(self.keeper.reserve, key, quota, longest)

    async def remaining(self, key: Key, quota: Quota, reservation: Reservation) -> float:
        """Return the seconds until *reservation*."""
        if self._is_memory:
            return self.keeper.remaining(key, quota, reservation)
        return await self._io.plugin(self.keeper.remaining, key, quota, reservation)

    async def give_back(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Return a reservation that was not used, if no later one was taken."""
        if self._is_memory:
            self.keeper.give_back(key, quota, reservation)
        else:
            await self._io.plugin(self.keeper.give_back, key, quota, reservation)

    async def drain(self, key: Key, quota: Quota, reservation: Reservation) -> None:
        """Learn that *reservation* was answered with a 429."""
        if self._is_memory:
            self.keeper.drain(key, quota, reservation)
        else:
            await self._io.plugin(self.keeper.drain, key, quota, reservation)

    async def learn(self, key: Key, quota: Quota, rate: float) -> None:
        """Learn the rate that Amazon stated."""
        if self._is_memory:
            self.keeper.learn(key, quota, rate)
        else:
            await self._io.plugin(self.keeper.learn, key, quota, rate)

    async def state(self, key: Key, quota: Quota) -> QuotaState:
        """Return what is left."""
        if self._is_memory:
            return self.keeper.state(key, quota)
        return await self._io.plugin(self.keeper.state, key, quota)
