"""The `spshipping` command."""

import sys


def main() -> None:
    """Run the command, or exit with the name of the missing extra."""
    try:
        from spshipping.cli.app import app
    except ModuleNotFoundError as error:
        sys.exit(f'{error.name} is missing: pip install "spshipping[cli,sandbox]"')
    app()
