"""`fourfronts serve`: the page, and the interface behind it."""

import contextlib
import errno
import ipaddress
import socket
from importlib import import_module
from typing import TYPE_CHECKING

import click

from fourfronts.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fourfronts.web.questions import Question

HOST, PORT = "127.0.0.1", 8000
LARGEST_PORT = 65535
WAITING = 128
"""Connections that the system holds for us."""
SECONDS_TO_FINISH = 2
"""After an interrupt: answers under way are cut off then."""


@click.command()
@click.option("--host", default=HOST, show_default=True, help="Address to listen at; 0.0.0.0 for every one.")
@click.option(
    "--port", type=click.IntRange(0, LARGEST_PORT), default=PORT, show_default=True, help="Port; 0 for a free one."
)
def serve(host: str, port: int) -> None:
    """Serve the page: move a lever, see the four fronts answer.

    Listens on this machine alone unless --host says otherwise, and opens no browser. Where others can reach it, every
    visitor has a limit of requests. Runs until it is interrupted.
    """
    # Before anything slow: a port that is taken is said at once.
    with listening(host, port) as listener:
        import uvicorn

        from fourfronts.cli.run import page
        from fourfronts.cli.stages import cache
        from fourfronts.web.app import create
        from fourfronts.web.limits import Limits

        limits = Limits(counted=not is_local(host))
        config = uvicorn.Config(
            create(questions(), limits, report=page, kept=cache("page")),
            log_level="warning",
            ws_max_size=limits.body,
            server_header=False,
            timeout_graceful_shutdown=SECONDS_TO_FINISH,
        )
        click.echo(f"fourfronts is at {address(listener)} (stop with Ctrl-C)")
        # It ends by an interrupt and no other way, so that this is no failure.
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listener])
        click.echo("stopped")


def questions() -> "dict[str, Question]":
    """What `fourfronts explain` can answer, with the defaults of its options, by the name that the page has for it."""
    from fourfronts.cli.explain import COMMANDS
    from fourfronts.web.questions import Question

    found = {}
    for name in COMMANDS:
        room = import_module(f"fourfronts.cli.explain.{name}")
        command = getattr(room, name)
        # Without an argument and without complaint about one that is missing: what is left are the defaults.
        context = click.Context(command, resilient_parsing=True)
        command.parse_args(context, [])
        defaults = {key: value for key, value in context.params.items() if key not in ("out", "as_json")}
        found[name] = Question(room.answer, defaults)
    found["channels"] = found["attribution"]
    return found


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens at an address. Raises InputError where that is taken or none of this machine's."""
    last: OSError | None = None
    for family, kind, protocol, _, place in _places(host, port):
        listener = socket.socket(family, kind, protocol)
        try:
            # A server that was stopped a moment ago is no reason to wait.
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(place)
            listener.listen(WAITING)
        except OSError as error:
            listener.close()
            last = error
        else:
            return listener
    assert last is not None
    raise _refused(host, port, last)


def _places(host: str, port: int) -> "Iterator[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple]]":  # type: ignore[type-arg]
    try:
        yield from socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise InputError(f"--host {host!r} is no address; accepted: a name or address of this machine") from None


def _refused(host: str, port: int, error: OSError) -> InputError:
    if error.errno == errno.EADDRINUSE:
        return InputError(f"--port {port} is taken at {host}; accepted: another port, or 0 for a free one")
    if error.errno == errno.EACCES:
        return InputError(f"--port {port} may not be used by you; accepted: a port from 1024 up")
    return InputError(f"--host {host!r} cannot be listened at ({error.strerror}); accepted: an address of this machine")


def address(listener: socket.socket) -> str:
    """Where a browser finds the page."""
    host, port = listener.getsockname()[:2]
    # What listens at every address is found at this machine's own.
    shown = "localhost" if ipaddress.ip_address(host).is_unspecified else f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}/"


def is_local(host: str) -> bool:
    """Whether nobody else can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
