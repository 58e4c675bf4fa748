"""Parts of many futures by the workers of a Dask scheduler: a worker that is lost loses nothing but time."""

from collections.abc import Iterator, Sequence
from typing import Any

from fourfronts import __version__
from fourfronts.analysis.parts import Work, part
from fourfronts.errors import InputError
from fourfronts.inference.posterior import evidence_digest, model_digest

PATIENCE = 30.0
"""Seconds in which a scheduler must answer and have a worker."""
RETRIES = 3
"""How often a part is tried again after its worker was lost with it."""


def here() -> dict[str, str]:
    """What a worker must have in common with the machine that asks."""
    return {"version": __version__, "model": model_digest(), "evidence": evidence_digest()}


def connect(address: str, patience: float = PATIENCE) -> Any:
    """A client of the scheduler at an address, with workers that have the same model and evidence as this machine.

    Raises InputError for one that does not answer, has no worker, or a worker with another version.
    """
    import distributed

    # It publishes no types.
    library: Any = distributed
    try:
        client: Any = library.Client(address, timeout=patience, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise InputError(f"scheduler {address}: no answer within {patience:g} s ({error})") from error
    try:
        client.wait_for_workers(1, timeout=patience)
        check(client)
    except TimeoutError as error:
        client.close()
        raise InputError(f"scheduler {address}: no worker within {patience:g} s; accepted: one or more") from error
    except BaseException:
        client.close()
        raise
    return client


def check(client: Any) -> None:
    """Raise InputError for a worker that would make other futures than this machine."""
    wanted = here()
    for worker, found in client.run(here, on_error="return").items():
        if isinstance(found, BaseException):
            raise InputError(f"worker {worker}: cannot load fourfronts ({found}); accepted: version {__version__}")
        for name, value in wanted.items():
            if found[name] != value:
                raise InputError(f"worker {worker}: {name}: found {found[name][:12]}; accepted: {value[:12]}, as here")


def made(client: Any, work: Work, numbers: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Parts as they are finished, in whatever order."""
    import distributed

    library: Any = distributed
    # Sent to every worker once: parameters with a posterior are megabytes.
    sent = client.scatter(work, broadcast=True)
    asked = {client.submit(part, sent, number, pure=False, retries=RETRIES): number for number in numbers}
    for future in library.as_completed(list(asked), loop=client.loop):
        yield asked.pop(future), future.result()
        future.release()
