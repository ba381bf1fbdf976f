"""The connection that a command uses: from the settings, or from the environment."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, Unpack

import click

from spshipping.cli.progress import Waits
from spshipping.client import Client, ClientOptions
from spshipping.environment import PREFIX, refuse_second_machine, variables
from spshipping.errors import ConfigurationError
from spshipping.settings import Connection, Settings

P = ParamSpec("P")
R = TypeVar("R")

_REMEDY = "Run the command on one machine, with settings that say so."


class Choice:
    """The values of `--settings` and `--connection`; `@pass_choice` hands it to a command."""

    def __init__(self, path: Path | None = None, name: str | None = None) -> None:
        self.path = path
        self.name = name

    def settings(self) -> Settings:
        """Load the settings."""
        return Settings.load(self.path)

    def of_environment(self) -> Connection | None:
        """Return the environment's connection; None if there is none, or if settings were named."""
        if self.path is not None or not variables().get("CLIENT_ID"):
            return None
        settings = Settings.from_env()
        return settings.connection(settings.names[0])

    def connection(self) -> Connection:
        """Return the connection to use.

        It is the one that was named, with the option or else with `SPSHIPPING_CONNECTION`: of the settings,
        or else the environment's; without a name the environment's, if it has one and no settings were
        named; else the only one of the settings.

        Raises:
            ConfigurationError: it is not clear which one to use.
        """
        name = self.name or variables().get("CONNECTION")
        of_environment = self.of_environment()
        if name is None and of_environment is not None:
            return of_environment
        settings = self.settings()
        if name is not None:
            if of_environment is not None and name == of_environment.name and name not in settings.names:
                return of_environment
            return settings.connection(name)
        if len(settings.names) == 1:
            return settings.connection(settings.names[0])
        listed = ", ".join(settings.names)
        raise ConfigurationError(
            f"choose a connection with --connection: {listed}"
            if listed
            else f"there is no connection: neither in {settings.path} nor as {PREFIX}CLIENT_ID and its like"
        )

    def refuse_second_machine(self, what: str, remedy: str = _REMEDY) -> None:
        """Do nothing, unless the settings of the connection say that there is more than one machine.

        Raises:
            ConfigurationError: they do, and *what* belongs to one.
        """
        refuse_second_machine(what, remedy, self.connection().engines.machines)

    def client(self, **options: Unpack[ClientOptions]) -> Client:
        """Make a client of the connection; until the command ends, it is said when a call has to wait.

        Raises:
            ConfigurationError: all that is wrong with it.
        """
        credentials, marketplace, found = self.connection().client_options()
        context = click.get_current_context(silent=True)
        if context is not None:
            context.with_resource(Waits().shown())
        merged: dict[str, Any] = {"application": "spshipping-cli/1.0", **found, **options}
        return Client(credentials, marketplace, **merged)


def pass_choice(command: Callable[Concatenate[Choice, P], R]) -> Callable[P, R]:
    """Pass the choice to a command as its first argument."""
    return click.make_pass_decorator(Choice, ensure=True)(command)
