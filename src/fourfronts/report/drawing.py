"""From a finished sheet to bytes: SVG for the report, PNG for everything else, the same every time."""

import logging
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from fourfronts.report.style import DOTS_PER_INCH, SETTINGS, Sheet

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Plate:
    """A finished sheet. `alt` says in words what it shows, `name` is its file's stem."""

    name: str
    sheet: Sheet
    alt: str


@dataclass(frozen=True)
class Drawing:
    """One figure as SVG and PNG, with its title and its words."""

    name: str
    title: str
    alt: str
    svg: bytes
    png: bytes


@contextmanager
def house_style() -> Iterator[None]:
    """Matplotlib's own defaults and ours on top, whatever the user's machine is set to."""
    # A home that cannot be written to is no reason to say so under every run.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    import matplotlib as mpl

    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(cast("Any", SETTINGS))
        yield


def render(plates: Iterable[Plate]) -> list[Drawing]:
    """The plates as drawings, in order. Pictures are compressed in a thread while the next sheet is drawn."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        pending = []
        for plate in plates:
            svg, pixels = _svg(plate.sheet.figure), _pixels(plate.sheet.figure)
            pending.append((plate, svg, pool.submit(_png, pixels)))
        return [Drawing(each.name, each.sheet.title, each.alt, svg, png.result()) for each, svg, png in pending]


def _svg(figure: "Figure") -> bytes:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    file = BytesIO()
    canvas: Any = FigureCanvasSVG(figure)
    canvas.print_svg(file, metadata={"Date": None, "Creator": "fourfronts"})
    return file.getvalue()


def _pixels(figure: "Figure") -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    figure.dpi = DOTS_PER_INCH
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())


def _png(pixels: Any) -> bytes:
    from PIL import Image

    # The sheet is opaque; without the fourth channel the file is a fifth smaller.
    picture = Image.fromarray(pixels).convert("RGB")
    file = BytesIO()
    picture.save(file, "png", compress_level=6, dpi=(DOTS_PER_INCH, DOTS_PER_INCH))
    return file.getvalue()
