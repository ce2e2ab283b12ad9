"""`python -m swnb` is the command line."""

from swnb.cli import main

main()
