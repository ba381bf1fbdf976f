"""What every sync has: windows of time, checkpoints, batches, and the loop that keeps it going."""

from spshipping.sync.checkpoint import Checkpoint, CheckpointStore, FileCheckpoint, MemoryCheckpoint, Window
from spshipping.sync.loop import Sync, SyncStatus
from spshipping.sync.passes import Batch, Stop, SyncProgress

__all__ = [
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
