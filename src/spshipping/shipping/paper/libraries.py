"""The libraries of the extra `spshipping[labels]`, loaded where they are used."""

import importlib
from types import ModuleType

from spshipping.errors import ConfigurationError

LABEL_NEEDS = 'pip install "spshipping[labels]"'


def loaded(module: str) -> ModuleType:
    """Import a module of the extra.

    Raises:
        ConfigurationError: the extra is not installed.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.partition(".")[0]
        raise ConfigurationError(f"labels on paper need {package}: {LABEL_NEEDS}") from None
