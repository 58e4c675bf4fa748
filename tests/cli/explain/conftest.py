"""What the tests of every question share."""

import pytest
from click.testing import CliRunner

from fourfronts.cli import group


@pytest.fixture(scope="session")
def run():
    """Runs a command as a user would and gives what it printed; it must succeed."""

    def go(*arguments):
        found = CliRunner().invoke(group, [*map(str, arguments)], catch_exceptions=False)
        assert found.exit_code == 0, found.output
        return found.output

    return go
