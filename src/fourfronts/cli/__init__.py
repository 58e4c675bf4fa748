"""The front door: the `fourfronts` command, its exit codes and its one-line errors.

Exit codes: 0 done, 1 a check failed, 2 bad input or nowhere to write, 130 interrupted, 141 the reader of a
pipe left. Anything else is a mistake in fourfronts itself and shows its traceback.
"""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple, NoReturn

import click

from fourfronts import __version__
from fourfronts.errors import InputError

CHECK_FAILED, BAD_INPUT, INTERRUPTED, BROKEN_PIPE = 1, 2, 130, 141

# What a full disk, a folder without permission or a path through a file raise: facts about the user's
# machine, unlike a missing file of our own, which is a mistake of ours.
_NOWHERE_TO_WRITE = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EEXIST,
        errno.EFBIG,
        errno.EISDIR,
        errno.ENAMETOOLONG,
        errno.ENOSPC,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)


class Lazy(NamedTuple):
    """Where a command lives (`module:attribute`) and the line that `--help` shows without importing it."""

    home: str
    help: str


COMMANDS = {
    "run": Lazy("fourfronts.cli.run:run", "Simulate futures under policy packages and write a report."),
    "report": Lazy("fourfronts.cli.run:report", "Write the report of a run; the whole of it with --full."),
    "explain": Lazy("fourfronts.cli.explain:explain", "Say what an answer depends on, and what would change it."),
    "evidence": Lazy("fourfronts.cli.evidence:evidence", "List, show and check what the model rests on."),
    "claims": Lazy("fourfronts.cli.claims:claims", "Judge every checkable claim of the source paper."),
    "calibrate": Lazy("fourfronts.cli.calibrate:calibrate", "Calibrate the model on the evidence."),
    "backtest": Lazy("fourfronts.cli.calibrate:backtest", "Score what the model would have forecast since 2023."),
    "forecast": Lazy("fourfronts.cli.forecast:forecast", "Write what can be observed later, as quantiles."),
    "futures": Lazy("fourfronts.cli.futures:futures", "Simulate as many futures as you like, on one machine or many."),
    "serve": Lazy("fourfronts.cli.serve:serve", "Serve the page: move a lever, see the four fronts answer."),
    "bench": Lazy("fourfronts.cli.bench:bench", "Measure how fast the model runs on this machine."),
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called, so that the front door opens at once."""

    def __init__(self, *given: Any, rooms: Mapping[str, Lazy] | None = None, **options: Any) -> None:
        """`rooms` are its commands in the order a new reader meets them."""
        super().__init__(*given, **options)
        self.rooms = COMMANDS if rooms is None else rooms

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands in the order a new reader meets them."""
        return [*self.rooms, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command called `cmd_name`, imported now, or None."""
        if cmd_name not in self.rooms:
            return super().get_command(ctx, cmd_name)
        module, _, attribute = self.rooms[cmd_name].home.partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does it, with suggestions from the commands that are not imported yet."""
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=self.list_commands(ctx), ctx=ctx
            ) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from their one-line helps alone."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.help) for name, lazy in self.rooms.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "-V", "--version", message="%(prog)s %(version)s")
def group() -> None:
    """How policy moves the AI competition on four fronts, as probabilities over futures."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the `fourfronts` command and exit.

    Args:
        arguments: what follows the program's name; the process's own arguments when None.

    Raises:
        SystemExit: always, with one of the exit codes named at the head of this module.
    """
    try:
        code = _call(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except click.UsageError as error:
        _leave(BAD_INPUT, _usage(error))
    except click.ClickException as error:
        _leave(BAD_INPUT, error.format_message())
    except InputError as error:
        _leave(BAD_INPUT, str(error))
    except (KeyboardInterrupt, click.Abort):
        _leave(INTERRUPTED, "interrupted, nothing was written")
    except BrokenPipeError:
        _silence_stdout()
        _leave(BROKEN_PIPE)
    except OSError as error:
        if error.errno not in _NOWHERE_TO_WRITE:
            raise
        _silence_stdout()
        place = f" {error.filename}" if error.filename else ""
        _leave(BAD_INPUT, f"cannot write{place}: {error.strerror}")
    sys.exit(code)


def _call(arguments: list[str]) -> int:
    # click's own `main` would turn a broken pipe into exit code 1, which here means that a check failed.
    try:
        with group.make_context("fourfronts", arguments) as context:
            group.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    return 0


def _usage(error: click.UsageError) -> str:
    command = error.ctx.command_path if error.ctx else "fourfronts"
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and isinstance(error.ctx.command, click.Group):
        names = ", ".join(error.ctx.command.list_commands(error.ctx))
        return f"which command? accepted: {names} ({command} --help says what each does)"
    return f"{error.format_message()} ({command} --help says what is accepted)"


def _silence_stdout() -> None:
    # Python flushes stdout once more on its way out; what is still buffered has nowhere to go.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _leave(code: int, message: str = "") -> NoReturn:
    if message:
        click.echo(f"fourfronts: {' '.join(message.split())}", err=True)
    sys.exit(code)
