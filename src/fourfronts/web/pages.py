"""The page: files of the build, read once, so that no address can lead anywhere else."""

import mimetypes
from collections.abc import Awaitable, Callable
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import FastAPI, Request, Response

from fourfronts.web.documents import Document

INDEX = "index.html"
BUILT = "assets/"
"""The build gives the files in here names that change with their content."""

NOT_BUILT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>fourfronts</title></head><body><main>
<h1>fourfronts</h1>
<p>The interface is running, and the page has not been built. In a copy of the repository, with Node:
<code>npm ci</code> and <code>npm run build</code> in the folder <code>web</code>, then start the server again.</p>
<p>The interface is described in <a href="/api/v1/docs">/api/v1/docs</a>.</p>
</main></body></html>
"""


def read() -> dict[str, Document]:
    """The files of the page by their path under `/`; the page itself under no name."""
    found = dict(_files(files("fourfronts.web") / "static", ""))
    index = found.get(INDEX, Document(NOT_BUILT.encode(), "text/html; charset=utf-8"))
    return {**found, "": index}


def _files(folder: Traversable, above: str) -> list[tuple[str, Document]]:
    if not folder.is_dir():
        return []
    found = []
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        path = f"{above}{each.name}"
        if each.is_dir():
            found += _files(each, f"{path}/")
        else:
            kind = mimetypes.guess_type(each.name)[0] or "application/octet-stream"
            shown = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
            found.append((path, Document(each.read_bytes(), shown, lasting=path.startswith(BUILT))))
    return found


def add(app: FastAPI) -> None:
    """Serve the page."""
    for path, document in read().items():
        app.add_api_route(f"/{path}", _serving(document), methods=["GET", "HEAD"], include_in_schema=False)


def _serving(document: Document) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        return document.response(request)

    return serve
