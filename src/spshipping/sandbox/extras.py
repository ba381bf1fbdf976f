"""Checks that the libraries of the sandbox are installed."""

import importlib

from spshipping.errors import ConfigurationError

EXTRAS = ("werkzeug", "PIL", "barcode")


def check_extras(*modules: str) -> None:
    """Import *modules*.

    Raises:
        ConfigurationError: one of them is not installed; the message names the command that installs it.
    """
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            raise ConfigurationError(
                f'the sandbox needs {module}: pip install "spshipping[sandbox]"'
            ) from None
