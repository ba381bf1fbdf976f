"""Where an operation is a constant: by this it is pickled, and named in stored calls."""

from __future__ import annotations

import importlib
import sys

from spshipping.named import NamedTuple


class Reference(NamedTuple):
    """A package or module, and the name of a constant in it."""

    module: str
    constant: str

    def __str__(self) -> str:
        return f"{self.module}.{self.constant}"


def reference_of(value: object, module: str) -> Reference | None:
    """Return where *value*, made in *module*, is a constant: in the package if it exports it, else there.

    None where it is none, or where the module is the program itself, which has another name elsewhere.
    """
    if module in ("__main__", "__mp_main__"):
        return None
    for home in (module.rpartition(".")[0], module):
        found = sys.modules.get(home)
        for name, held in vars(found).items() if found else ():
            if held is value:
                return Reference(home, name)
    return None


def load(module: str, constant: str) -> object:
    """Return the constant of a reference."""
    return vars(importlib.import_module(module))[constant]


_PACKAGE = f"{__name__.rpartition('.')[0]}."


def calling_module() -> str:
    """Return the module that makes an operation."""
    frame = sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(_PACKAGE):
        frame = frame.f_back
    return str(frame.f_globals.get("__name__", ""))
