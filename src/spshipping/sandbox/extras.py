"""Says what to install where the sandbox's libraries are missing."""

import importlib

from spshipping.errors import ConfigurationError

EXTRAS = ("werkzeug", "PIL", "barcode")


def check_extras(*modules: str) -> None:
    """Import *modules*, or say how to get them.

    Raises:
        ConfigurationError: one of them is not installed.
    """
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            raise ConfigurationError(
                f'the sandbox needs {module}: pip install "spshipping[sandbox]"'
            ) from None
