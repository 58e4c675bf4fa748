"""Answers that are the same for everyone: made once, sent compressed, and not sent again to who has them."""

import gzip
import hashlib
import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from fastapi import Request, Response

SMALLEST = 1024
"""Bytes under which compression costs more than it saves."""


@dataclass(frozen=True)
class Document:
    """A body and its kind. `lasting` says that its address changes with its content, as the build's own names do."""

    body: bytes
    media_type: str
    lasting: bool = False

    @classmethod
    def of(cls, content: Any) -> "Document":
        """Plain values as JSON."""
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        return cls(text.encode(), "application/json")

    @cached_property
    def tag(self) -> str:
        """What tells one content from another."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'

    @cached_property
    def packed(self) -> bytes:
        """The body as gzip has it."""
        return gzip.compress(self.body, 9, mtime=0)

    def response(self, request: Request) -> Response:
        """The answer to one request."""
        age = "public, max-age=31536000, immutable" if self.lasting else "no-cache"
        headers = {"etag": self.tag, "cache-control": age, "vary": "accept-encoding"}
        if self.tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if len(self.body) < SMALLEST or "gzip" not in request.headers.get("accept-encoding", ""):
            return Response(self.body, headers=headers, media_type=self.media_type)
        return Response(self.packed, headers=headers | {"content-encoding": "gzip"}, media_type=self.media_type)
