"""Which connection a command is about: from the settings, or from the environment."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack

import click

from spshipping.client import Client, ClientOptions
from spshipping.errors import ConfigurationError
from spshipping.settings import Connection, Settings

P = ParamSpec("P")
R = TypeVar("R")

_VARIABLE = "SPSHIPPING_CLIENT_ID"
"""Where this is set, the environment holds a connection."""


class Choice:
    """What `--settings` and `--connection` say; commands have it through `@pass_choice`."""

    def __init__(self, path: Path | None = None, name: str | None = None) -> None:
        self.path = path
        self.name = name

    def settings(self) -> Settings:
        """Load the settings."""
        return Settings.load(self.path)

    def connection(self) -> Connection:
        """Return the connection that is meant.

        It is the one that was named; else the environment's, if it has one and no settings were named; else
        the only one of the settings.

        Raises:
            ConfigurationError: it is not clear which is meant.
        """
        if self.name is None and self.path is None and os.environ.get(_VARIABLE):
            settings = Settings.from_env()
            return settings.connection(settings.names[0])
        settings = self.settings()
        if self.name is not None:
            return settings.connection(self.name)
        if len(settings.names) == 1:
            return settings.connection(settings.names[0])
        listed = ", ".join(settings.names)
        raise ConfigurationError(
            f"say which connection is meant, with --connection: {listed}"
            if listed
            else f"there is no connection: neither in {settings.path} nor as {_VARIABLE} and its like"
        )

    def client(self, **options: Unpack[ClientOptions]) -> Client:
        """Make a client of the connection.

        Raises:
            ConfigurationError: all that is wrong with it.
        """
        credentials, marketplace, found = self.connection().client_options()
        merged: dict[str, Any] = {"application": "spshipping-cli/1.0", **found, **options}
        return Client(credentials, marketplace, **merged)


def pass_choice(command: Callable[Concatenate[Choice, P], R]) -> Callable[P, R]:
    """Hand a command the choice as its first argument."""
    return click.make_pass_decorator(Choice, ensure=True)(command)
