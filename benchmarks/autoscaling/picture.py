"""The contestants drawn: what each costs against how long runs wait, a panel for each shape."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from html import escape

from .contests import CLAIRVOYANT, OURS, THRIFTIER, THRIFTY, Sums

__all__ = ["drawn"]

# Two panels beside each other, in large letters: a phone shows the picture at half its size.
_COLUMNS, _WIDTH, _HEIGHT = 2, 720, 900
_PANEL, _PLOT = (360, 296), (60, 54, 272, 176)
_STYLE = """
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; font-size: 19px; fill: #24292f }
.title { font-weight: 600 } .small { font-size: 17px; fill: #57606a }
.paper { fill: #ffffff } .grid { stroke: #d0d7de; stroke-width: 1; fill: none }
.a { fill: #57606a; stroke: #57606a } .b { fill: #0969da; stroke: #0969da } .c { fill: #8250df; stroke: #8250df }
.d { fill: #bc4c00; stroke: #bc4c00 } .e { fill: #1a7f37; stroke: #1a7f37 } .f { fill: #cf222e; stroke: #cf222e }
.mark { stroke-width: 2.5 } .line { fill: none }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .small { fill: #9198a1 } .paper { fill: #0d1117 } .grid { stroke: #3d444d }
.a { fill: #9198a1; stroke: #9198a1 } .b { fill: #4493f8; stroke: #4493f8 } .c { fill: #ab7df8; stroke: #ab7df8 }
.d { fill: #f0883e; stroke: #f0883e } .e { fill: #3fb950; stroke: #3fb950 } .f { fill: #f85149; stroke: #f85149 }
.line { fill: none }
}
"""
# Each contestant by a form as well, for those who do not tell the colours apart. All are drawn about 0, 0.
_MARKS = (
    ("a line", "M0,-8 L2,-2 L8,0 L2,2 L0,8 L-2,2 L-8,0 L-2,-2 Z"),
    ("b", "M-6,0 A6,6 0 1 0 6,0 A6,6 0 1 0 -6,0 Z"),
    ("c", "M-5,-5 H5 V5 H-5 Z"),
    ("d line", "M-6,-6 L6,6 M-6,6 L6,-6"),
    ("e", "M0,-7 L7,6 L-7,6 Z"),
    ("f line", "M-7,0 H7 M0,-7 V7"),
)


def drawn(shapes: Mapping[str, Mapping[str, Sums]]) -> str:
    """An SVG that needs nothing else: it follows the reader's light or dark, and says in words what it shows."""
    panels = "\n".join(
        f'<g transform="translate({_PANEL[0] * column},{8 + _PANEL[1] * row})">\n{panel}\n</g>'
        for number, panel in enumerate([*(_panel(name, of) for name, of in shapes.items()), _legend(shapes)])
        for row, column in [divmod(number, _COLUMNS)]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img"'
        ' aria-labelledby="title described">\n'
        '<title id="title">What autoscaling costs, and how long runs wait</title>\n'
        f'<desc id="described">{escape(" ".join(_in_words(shapes)))}</desc>\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="paper" width="{_WIDTH}" height="{_HEIGHT}"/>\n{panels}\n</svg>\n'
    )


def _in_words(shapes: Mapping[str, Mapping[str, Sums]]) -> Iterator[str]:
    for name, of in shapes.items():
        yield (
            f"{name}: "
            + "; ".join(
                f"{who} {sums.hours:,.0f} instance-hours, 95 % of the runs wait at most"
                f" {sums.wait(95) / 60:.0f} minutes"
                for who, sums in of.items()
            )
            + "."
        )


def _panel(name: str, of: Mapping[str, Sums]) -> str:
    left, top, width, height = _PLOT
    across, up = (
        _steps(max(sums.hours for sums in of.values())),
        _steps(max(sums.wait(95) / 60 for sums in of.values())),
    )
    parts = [f'<text class="title" x="{left}" y="22">{escape(name)}</text>']
    for value in across:
        x = left + width * value / across[-1]
        parts.append(f'<path class="grid" d="M{x:.1f},{top} V{top + height}"/>')
        parts.append(f'<text class="small" x="{x:.1f}" y="{top + height + 20}" text-anchor="middle">{value:,g}</text>')
    for value in up:
        y = top + height * (1 - value / up[-1])
        parts.append(f'<path class="grid" d="M{left},{y:.1f} H{left + width}"/>')
        parts.append(f'<text class="small" x="{left - 8}" y="{y + 6:.1f}" text-anchor="end">{value:,g}</text>')
    parts.append(
        f'<text class="small" x="{left + width}" y="{top + height + 42}" text-anchor="end">'
        "instance-hours in 30 days</text>"
    )
    parts.append(f'<text class="small" x="{left}" y="{top - 10}">minutes that 95 % wait at most</text>')
    # The one that it is about is drawn last, over the others.
    for number, (who, sums) in sorted(enumerate(of.items()), key=lambda item: item[1][0] == OURS):
        x = left + width * sums.hours / across[-1]
        y = top + height * (1 - sums.wait(95) / 60 / up[-1])
        parts.append(_mark(number, x, y, who))
    return "\n".join(parts)


def _mark(number: int, x: float, y: float, who: str) -> str:
    kind, path = _MARKS[number]
    place = f'transform="translate({x:.1f},{y:.1f})"'
    return f'<path class="mark {kind}" {place} d="{path}"><title>{escape(who)}</title></path>'


def _legend(shapes: Mapping[str, Mapping[str, Sums]]) -> str:
    names = list(next(iter(shapes.values())))
    said = {
        CLAIRVOYANT: "clairvoyant (a bound)",
        THRIFTY: "acrpool, sparing",
        THRIFTIER: "acrpool, most sparing",
    }
    parts = ['<text class="title" x="20" y="22">Down and to the left is better</text>']
    for number, name in enumerate(names):
        y = 60 + 34 * number
        parts.append(_mark(number, 30, y, name))
        parts.append(f'<text class="small" x="50" y="{y + 6}">{escape(said.get(name, name))}</text>')
    return "\n".join(parts)


def _steps(most: float) -> list[float]:
    """From 0 to at least `most`, in three to six steps of a round number."""
    rough = max(most, 1e-9) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(step for step in (power, 2 * power, 2.5 * power, 5 * power, 10 * power) if step >= rough)
    return [step * number for number in range(math.ceil(most / step) + 1)]
