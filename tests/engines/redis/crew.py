"""Processes that begin together, and each of which prints one result."""

import json
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).parents[3]


def say(line: str) -> None:
    """Write a line to the one that started this process, or into the report of a test."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


class Crew:
    """So many processes of one module, each with the same job."""

    def __init__(self, module: str, job: dict[str, Any], count: int) -> None:
        command = [sys.executable, "-m", module, json.dumps(job)]
        self._stack = ExitStack()
        self._pipes: list[tuple[IO[str], IO[str]]] = []
        for _ in range(count):
            worker = self._stack.enter_context(
                subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
            )
            assert worker.stdin is not None
            assert worker.stdout is not None
            self._pipes.append((worker.stdin, worker.stdout))

    def begin(self) -> float:
        """Tell all that are ready to begin; return when that was, in monotonic seconds."""
        for _, out in self._pipes:
            assert out.readline() == "ready\n"
        began = time.monotonic()
        for start, _ in self._pipes:
            start.write(f"{began}\n")
            start.flush()
        return began

    def results(self) -> list[Any]:
        """Wait for the result of each."""
        return [json.loads(out.readline()) for _, out in self._pipes]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
