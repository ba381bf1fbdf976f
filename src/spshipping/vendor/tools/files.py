"""A finished label or document, and how it becomes a file."""

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

from spshipping import disk
from spshipping.secret import discreet


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """A file to print; what it holds is personal, so its repr shows the name only."""

    name: str
    """A name that leads out of no folder, such as `S-1-cartons.pdf`."""
    data: bytes = field(repr=False)

    @discreet
    def save(self, folder: str | PathLike[str]) -> Path:
        """Put it into a folder, all or nothing, and return its path; one of the same name is replaced.

        The file is on the disk on return, and readable by its owner only. It blocks.

        Raises:
            OSError: the disk refused.
        """
        path = Path(folder) / self.name
        disk.replace(path, self.data, private=True, durable=True)
        return path
