"""The libraries of the extra `spshipping[vendor-tools]`, loaded where they are used."""

import importlib
from types import ModuleType

from spshipping.errors import ConfigurationError

TOOLS_NEED = 'pip install "spshipping[vendor-tools]"'


def loaded(module: str) -> ModuleType:
    """Import a module of the extra.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ConfigurationError(f"labels and packing documents need {package}: {TOOLS_NEED}") from None
