"""`spshipping completion`: the script with which a shell completes commands, options and operations."""

import click
from click.shell_completion import CompletionItem, get_completion_class

from spshipping.catalogue import operations

_VARIABLE = "_SPSHIPPING_COMPLETE"
_SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS))
def completion(shell: str) -> None:
    """Print the script that completes this command in SHELL.

    For bash, add to ~/.bashrc: eval "$(spshipping completion bash)". For zsh, the same in ~/.zshrc. For fish:
    spshipping completion fish > ~/.config/fish/completions/spshipping.fish
    """
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click has one for each of these
    root = click.get_current_context().find_root().command
    click.echo(made(root, {}, "spshipping", _VARIABLE).source())


def operation_names(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Return the operations whose names begin so."""
    names = sorted({operation.name for operation in operations()})
    return [CompletionItem(name) for name in names if name.startswith(begun)]
