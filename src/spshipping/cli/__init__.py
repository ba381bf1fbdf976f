"""The `spshipping` command."""

import sys


def main() -> None:
    """Run the command, or exit with the name of the missing extra."""
    try:
        from spshipping.cli.app import app
        from spshipping.cli.console import abandon_output, accept_any_character
        from spshipping.cli.interrupt import terminable
    except ModuleNotFoundError as error:
        sys.exit(f'{error.name} is missing: pip install "spshipping[cli,sandbox]"')
    accept_any_character()
    try:
        with terminable():
            app(prog_name="spshipping")
    except OSError as error:  # those of files are reported by the commands
        abandon_output()
        sys.exit(f"Error: the output cannot be written ({error.strerror or type(error).__name__})")
