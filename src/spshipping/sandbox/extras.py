"""Checks that the libraries of the sandbox are installed."""

import importlib

from spshipping.errors import ConfigurationError

EXTRAS = ("werkzeug", "PIL", "barcode")


def check_extras(*modules: str, extra: str = "sandbox") -> None:
    """Import *modules*, which *extra* of the package installs.

    Raises:
        ConfigurationError: one of them is not installed; the message names the command that installs it.
    """
    for module in modules:
        try:
            importlib.import_module(module)
        except ImportError:
            raise ConfigurationError(
                f'the {extra} needs {module}: pip install "spshipping[{extra}]"'
            ) from None
