"""Runs the command with `python -m spshipping`."""

from spshipping.cli import main

main()
