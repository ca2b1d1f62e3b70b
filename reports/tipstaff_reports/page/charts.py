"""Charts: leather places the bars, and only geometry is taken over from it (ADR 0036)."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from xml.etree.ElementTree import Element

import leather

from tipstaff_reports.page.elements import Markup, element

WIDTH, BAR, AXIS = 400, 24, 70
WIDE, TALL = 500, 250
"""Of lines, so that the names of four fit into one row."""
KEPT = {
    "g": ("transform", "class"),
    "line": ("x1", "y1", "x2", "y2"),
    "rect": ("x", "y", "width", "height"),
    "text": ("x", "y", "dy", "text-anchor"),
    "path": ("d",),
}
"""What is taken over; the look is the stylesheet's."""
MOST_TICKS = 6


class Bar(NamedTuple):
    """One bar, made of parts."""

    label: str
    parts: tuple[int, ...]


class Line(NamedTuple):
    """A line, with a value for each moment."""

    label: str
    kind: str
    """The class of its colour."""
    values: tuple[float, ...]


def lines(text: str, found: Sequence[Line], moments: Sequence[str]) -> Markup:
    """Return a picture of shares over time, from 0 to 100 percent.

    Args:
        text: What the picture shows, for those who do not see it.
        found: Each with as many values as there are moments.
        moments: What to write below the axis; at least two.
    """
    last = len(moments) - 1
    chart = leather.Chart()
    for line in found:
        chart.add_line(list(enumerate(line.values)), stroke_color=line.kind, name=line.label)
    chart.add_x_scale(0, last)
    chart.add_y_scale(0, 100)
    step = -(-last // MOST_TICKS) or 1
    chart.add_x_axis(
        ticks=list(range(last % step, last + 1, step)),  # equal steps, and the last one is shown
        tick_formatter=lambda place, *_: moments[int(place)],
    )
    chart.add_y_axis(ticks=[0, 25, 50, 75, 100], tick_formatter=lambda share, *_: f"{share} %")
    kinds = frozenset(line.kind for line in found)
    drawn = _take_over(chart.to_svg_group(WIDE, TALL), kinds)
    return element(
        "svg", *drawn, class_="chart", viewBox=f"0 0 {WIDE} {TALL}", role="img", aria_label=text
    )


def bars(text: str, kinds: Sequence[str], found: Sequence[Bar]) -> Markup:
    """Return a picture of bars, the first on top; nothing where all of them are empty.

    Args:
        text: What the picture shows, for readers who do not see it.
        kinds: The class of each part, from the left.
        found: Each with as many parts as there are kinds, and a label of its own.
    """
    rows = [row for bar in found for row in _stack(bar, kinds)]
    if not rows:
        return Markup("")
    height = BAR * len(found) + AXIS
    # A part is drawn from zero, and the next shorter one over it: leather has no stacked bars.
    shape = leather.Bars(lambda datum: datum.row[2])
    chart = leather.Chart()
    chart.add_series(leather.Series(rows), shape)
    chart.set_y_scale(leather.Ordinal([bar.label for bar in reversed(found)]))
    ticks = _ticks(max(length for length, _, _ in rows))
    chart.add_x_scale(0, ticks[-1])
    chart.add_x_axis(ticks=ticks, tick_formatter=lambda count, *_: _shorten(count, ticks[-1]))
    drawn = _take_over(chart.to_svg_group(WIDTH, height), frozenset(kinds))
    return element(
        "svg", *drawn, class_="chart", viewBox=f"0 0 {WIDTH} {height}", role="img", aria_label=text
    )


def _stack(bar: Bar, kinds: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    for last in range(len(kinds), 0, -1):
        if bar.parts[last - 1]:
            yield sum(bar.parts[:last]), bar.label, kinds[last - 1]


def _shorten(count: int, largest: int) -> str:
    """Return a number in few characters, so that those of an axis stand apart.

    Args:
        count: The number.
        largest: Of the axis; all of its numbers are written in the same way.
    """
    if count and largest >= 1_000_000:
        return f"{count / 1_000_000:g}M"
    return f"{count / 1_000:g}k" if count and largest >= 10_000 else str(count)


def _ticks(longest: int) -> list[int]:
    """Return whole numbers from 0 to the longest bar or a little beyond."""
    step, factors = 1, (2, 5, 10)
    while longest > step * MOST_TICKS:
        size = 10 ** (len(str(step)) - 1)
        step = next(size * factor for factor in factors if size * factor > step)
    return list(range(0, longest + step, step))


def _take_over(node: Element, kinds: frozenset[str]) -> tuple[Markup, ...]:
    """Return a part of leather's drawing, without what is neither geometry nor text."""
    given = {name.replace("-", "_"): _round(node.get(name)) for name in KEPT[node.tag]}
    if node.tag == "rect":
        if node.get("fill") not in kinds:
            return ()
        given["class"] = node.get("fill")
    if node.tag == "path":
        if node.get("stroke") not in kinds:
            return ()
        given["class"] = node.get("stroke")
    inner = [markup for child in node for markup in _take_over(child, kinds)]
    return (element(node.tag, node.text or "", *inner, **given),)


def _round(value: str | None) -> str | None:
    return value and re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.4g}", value)
