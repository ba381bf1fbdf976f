"""What every sync has: windows of time, checkpoints, batches, and the loop that runs it again and again."""

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
