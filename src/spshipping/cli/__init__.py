"""The `spshipping` command."""

import sys


def main() -> None:
    """Run the command, or exit with the name of the missing extra."""
    try:
        from spshipping.cli.app import app
        from spshipping.cli.console import abandon_output, accept_any_character
    except ModuleNotFoundError as error:
        sys.exit(f'{error.name} is missing: pip install "spshipping[cli,sandbox]"')
    accept_any_character()
    try:
        app()
    except OSError as error:  # commands report those of their own files
        abandon_output()
        sys.exit(f"Error: the output cannot be written ({error.strerror or type(error).__name__})")
