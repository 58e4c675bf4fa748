"""`python -m fourfronts` is the `fourfronts` command."""

from fourfronts.cli import main

main()
