"""The `fourfronts` command itself: exit codes, one-line errors and what happens when the machine says no."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import fourfronts

COMMAND = Path(sys.executable).with_name("fourfronts")

# A command that misbehaves on request, added to the real front door in a real process.
MISBEHAVE = """
import sys, time
import click
from fourfronts import cli
from fourfronts.errors import InputError

@cli.group.command()
@click.option("--draws", type=click.IntRange(min=1))
@click.option("--how")
@click.pass_context
def misbehave(ctx, draws, how):
    if how == "input":
        raise InputError("plan.yaml: levers.remote_access_rule.level: found 3;\\n  accepted: 0 to 1")
    if how == "write":
        open(f"{sys.executable}/out/summary.json", "w")
    if how == "space":
        raise OSError(28, "No space left on device", "out/futures.parquet")
    if how == "our file":
        open("no/such/data.csv")
    if how == "bug":
        raise RuntimeError("a mistake of ours")
    if how == "check":
        ctx.exit(cli.CHECK_FAILED)
    if how == "sleep":
        print("ready", flush=True)
        time.sleep(60)
    if how == "chatter":
        for _ in range(100_000):
            print("futures " * 10)
    if how == "brief":
        print("futures")

cli.main(["misbehave", *sys.argv[1:]])
"""


def fourfronts_command(*arguments, **options):
    return subprocess.run([COMMAND, *arguments], capture_output=True, text=True, timeout=60, **options)


def misbehave(*arguments):
    return subprocess.run([sys.executable, "-c", MISBEHAVE, *arguments], capture_output=True, text=True, timeout=60)


def assert_one_line(done, code, *words):
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("fourfronts: ")
    for word in words:
        assert word in done.stderr


def test_help_names_every_command():
    done = fourfronts_command("--help")
    assert (done.returncode, done.stderr) == (0, "")
    for name in ("run", "report", "evidence", "claims", "bench"):
        assert f"\n  {name} " in done.stdout


def test_every_command_has_a_home_and_answers_help():
    from fourfronts.cli import COMMANDS

    for name in COMMANDS:
        done = fourfronts_command(name, "--help")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.startswith(f"Usage: fourfronts {name} ")


def test_version_is_the_packages():
    for done in (fourfronts_command("--version"), fourfronts_command("-V")):
        assert (done.returncode, done.stdout) == (0, f"fourfronts {fourfronts.__version__}\n")


def test_python_dash_m_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "fourfronts", "--help"], capture_output=True, text=True)
    assert done.stdout == fourfronts_command("--help").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            (),
            (
                "which command?",
                "run, report, explain, evidence, claims, calibrate, backtest, forecast, futures, serve, bench",
            ),
        ),
        (("rnu",), ("'rnu'", "Did you mean 'run'?", "fourfronts --help")),
        (("zzz",), ("'zzz'", "fourfronts --help")),
        (("--verison",), ("'--verison'", "Did you mean '--version'?")),
    ],
)
def test_a_wrong_word_is_answered_in_one_line_with_what_is_meant(arguments, words):
    assert_one_line(fourfronts_command(*arguments), 2, *words)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--drawz", "8"), ("Did you mean '--draws'?", "fourfronts misbehave --help")),
        (("--draws", "many"), ("'--draws'", "'many'")),
        (("--draws", "0"), ("'--draws'", "x>=1")),
        (("--how",), ("'--how'", "requires an argument")),
        (("stray",), ("stray",)),
        (("--how", "input"), ("plan.yaml: levers.remote_access_rule.level: found 3; accepted: 0 to 1",)),
        (("--how", "write"), ("cannot write", "/out/summary.json", "Not a directory")),
        (("--how", "space"), ("cannot write out/futures.parquet: No space left on device",)),
    ],
)
def test_what_a_user_can_mend_is_one_line_and_code_2(arguments, words):
    assert_one_line(misbehave(*arguments), 2, *words)


def test_a_failed_check_is_code_1_and_no_error():
    done = misbehave("--how", "check")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


@pytest.mark.parametrize(("how", "what"), [("bug", "a mistake of ours"), ("our file", "no/such/data.csv")])
def test_our_own_mistakes_show_their_traceback(how, what):
    done = misbehave("--how", how)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert what in done.stderr


def test_ctrl_c_says_that_nothing_was_written():
    with subprocess.Popen(
        [sys.executable, "-c", MISBEHAVE, "--how", "sleep"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        _, error = child.communicate(timeout=20)
    assert (child.returncode, error) == (130, "fourfronts: interrupted, nothing was written\n")


def test_a_reader_that_leaves_early_is_no_error():
    with subprocess.Popen(
        [sys.executable, "-c", MISBEHAVE, "--how", "chatter"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout.readline().startswith("futures")
        child.stdout.close()
        error = child.stderr.read()
    assert (child.returncode, error) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_behind_standard_output_is_one_line():
    brief = [sys.executable, "-c", MISBEHAVE, "--how", "brief"]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(brief, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (done.returncode, done.stderr) == (2, "fourfronts: cannot write: No space left on device\n")
