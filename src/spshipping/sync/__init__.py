"""What every sync has: windows of time, checkpoints, batches, and the loop that runs it again and again."""

from typing import TYPE_CHECKING, Any

from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, FileCheckpoint, MemoryCheckpoint, Window
from spshipping.sync.leases import (
    NewChange,
    Noted,
    PendingChange,
    Quarantined,
    SellerLease,
    SellerState,
    SyncLeases,
)
from spshipping.sync.leases_memory import MemoryLeases
from spshipping.sync.loop import AsyncBatch, AsyncSync, Batch, Sync, SyncStatus
from spshipping.sync.named_changes import StepOfChanges
from spshipping.sync.passes import Stop, SyncProgress
from spshipping.sync.worker import StepSync, Worker, WorkerStatus

if TYPE_CHECKING:
    from spshipping.sync.postgres import PostgresLeases

__all__ = [
    "AsyncBatch",
    "AsyncSync",
    "Batch",
    "Checkpoint",
    "CheckpointStore",
    "FileCheckpoint",
    "MemoryCheckpoint",
    "MemoryLeases",
    "NewChange",
    "Noted",
    "PendingChange",
    "PostgresLeases",
    "Quarantined",
    "SellerLease",
    "SellerState",
    "StepOfChanges",
    "StepSync",
    "Stop",
    "Sync",
    "SyncLeases",
    "SyncProgress",
    "SyncStatus",
    "Window",
    "Worker",
    "WorkerStatus",
]


if not TYPE_CHECKING:  # which would take every name for one that is there

    def __getattr__(name: str) -> Any:
        # who uses no server does not load it
        if name != "PostgresLeases":
            raise AttributeError(f"module 'spshipping.sync' has no attribute {name!r}")
        from spshipping.sync.postgres import PostgresLeases

        return PostgresLeases
