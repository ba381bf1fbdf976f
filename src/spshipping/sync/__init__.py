"""What every sync has: windows of time, checkpoints, batches, and the loop that runs it again and again."""

from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, FileCheckpoint, MemoryCheckpoint, Window
from spshipping.sync.loop import AsyncBatch, AsyncSync, Batch, Sync, SyncStatus
from spshipping.sync.passes import Stop, SyncProgress

__all__ = [
    "AsyncBatch",
    "AsyncSync",
    "Batch",
    "Checkpoint",
    "CheckpointStore",
    "FileCheckpoint",
    "MemoryCheckpoint",
    "Stop",
    "Sync",
    "SyncProgress",
    "SyncStatus",
    "Window",
]
