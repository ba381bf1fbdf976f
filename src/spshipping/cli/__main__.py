"""Runs the command with `python -m spshipping.cli`."""

from spshipping.cli import main

main()
