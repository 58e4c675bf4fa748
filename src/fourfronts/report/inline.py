"""A figure's SVG as part of a page: no ids that clash, no styles that leak, neutral tones from the page's theme."""

import re

from fourfronts.report.style import INK, LINE, MUTED, PAPER, PAST

THEME = {INK: "--ink", MUTED: "--muted", LINE: "--line", PAPER: "--paper", PAST: "--past"}

_BEFORE_ROOT = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_DROPPED = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style[^>]*>.*?</style>", re.DOTALL)
_ROOT = re.compile(r"<svg\b[^>]*?viewBox=\"([^\"]*)\"[^>]*>", re.DOTALL)
_BLANK = re.compile(r">\s+<")


def inline_svg(svg: bytes, name: str) -> str:
    """The drawing alone, described by the element with the id `caption-NAME`.

    `name` goes before every id, so that several figures share a page. Styles of the whole file are dropped; the
    page gives the class `plot` the same ones.
    """
    text = _DROPPED.sub("", _BEFORE_ROOT.sub("", svg.decode()))
    start = rf'<svg class="plot" viewBox="\1" role="img" aria-labelledby="caption-{name}">'
    text = _ROOT.sub(start, text, count=1)
    text = text.replace("xlink:href=", "href=")
    text = re.sub(r'\sid="', f' id="{name}-', text)
    text = text.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    for tone, variable in THEME.items():
        text = text.replace(f": {tone}", f": var({variable})")
    return _BLANK.sub("><", text).strip()
