"""The interface in words, for a reader: made from the OpenAPI document, and of nothing that comes from elsewhere."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

LIVE = (
    "The live socket. Send {&quot;request&quot;: NUMBER, &quot;state&quot;: STATE}; the latest state wins. A frame is"
    " the length of its header (uint32, little-endian), the header as JSON padded to a multiple of 4, and the numbers"
    " that it points to as float32, little-endian."
)
HEAD = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>fourfronts: the interface</title></head><body><main>\n"
)


def page(document: Mapping[str, Any], prefix: str) -> str:
    """The page, in HTML."""
    about = document["info"]
    parts = "\n".join(_operations(document))
    return (
        f"{HEAD}"
        f"<h1>{escape(about['title'])} {escape(about['version'])}: the interface</h1>\n"
        f"<p>{escape(about['description'])} Every shape and range is in the"
        f' <a href="{prefix}/openapi.json">OpenAPI document</a>; what is refused is told as problem details'
        " (RFC 9457).</p>\n"
        f"<dl>\n{parts}\n<dt><code>WebSocket {prefix}/live</code></dt><dd>{LIVE}</dd>\n</dl>\n</main></body></html>\n"
    )


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            words = operation.get("description") or operation["summary"]
            taken = [each["name"] for each in operation.get("parameters", ())] + list(_fields(document, operation))
            told = f" Takes <code>{escape(', '.join(taken))}</code>." if taken else ""
            yield f"<dt><code>{method.upper()} {escape(path)}</code></dt><dd>{escape(words)}{told}</dd>"


def _fields(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    """Names of what the body of a request may have."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        name = content["schema"].get("$ref", "").rpartition("/")[2]
        yield from document["components"]["schemas"].get(name, {}).get("properties", ())
