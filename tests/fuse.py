"""Kills a process at a step of its work."""

import os
import signal
from collections.abc import Callable
from typing import Any


class Fuse:
    """Kills this process at a step."""

    def __init__(self, at: int) -> None:
        self._left = at

    def step(self) -> None:
        """Count a step."""
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), signal.SIGKILL)
            signal.pause()  # the signal is on its way

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return *function* as two steps: before it, and after it."""

        def stepped(*args: Any, **options: Any) -> Any:
            self.step()
            result = function(*args, **options)
            self.step()
            return result

        return stepped
