"""The picture and the table of docs/fleet-scale.md, from what `benchmarks/fleet.py --save` measured.

Both axes are logarithmic, so that what grows with the fleet is a straight line.
"""

import json
import math
import sys
from pathlib import Path

import leather

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ROOT / "benchmarks/fleet-scale.json"
PICTURE = ROOT / "docs/fleet-scale.svg"
TIMES = {
    "report": "fleet report",
    "plain": "the same SQL in plain DuckDB",
    "simulate": "fleet simulate",
}
COLORS = {"report": "#1b4f8f", "plain": "#8a8a8a", "simulate": "#a3471a"}
WIDE, TALL = 1000, 420
NONE = "-"


def main() -> None:
    rounds = max(measurement["rounds"] for measurement in read_measured())
    rows = [measurement for measurement in read_measured() if measurement["rounds"] == rounds]
    grid = leather.Grid()
    grid.add_many(
        [
            chart(rows, "cpu_s", "Processor time by hosts", "s"),
            chart(rows, "mb", "Peak memory in MB by hosts", "MB"),
        ]
    )
    grid.to_svg(str(PICTURE), width=WIDE, height=TALL)
    for measurement in read_measured():
        sys.stdout.write(line(measurement))


def read_measured() -> list[dict[str, float]]:
    """Return what was measured, the smallest fleet first."""
    found = json.loads(MEASURED.read_text())
    return sorted(found, key=lambda measurement: (measurement["rounds"], measurement["hosts"]))


def chart(rows: list[dict[str, float]], what: str, title: str, unit: str) -> leather.Chart:
    """Return a picture with a line for each command."""
    drawn = leather.Chart(title)
    values = []
    for name, label in TIMES.items():
        found = [(row["hosts"], row[f"{name}_{what}"]) for row in rows if f"{name}_{what}" in row]
        values += [value for _, value in found]
        points = [(math.log10(hosts), math.log10(value)) for hosts, value in found]
        drawn.add_line(points, stroke_color=COLORS[name], name=label)
    hosts = sorted({row["hosts"] for row in rows})
    places = [math.log10(host) for host in hosts]
    lowest, highest = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    ticks = list(range(lowest, highest + 1))
    drawn.add_x_scale(places[0], places[-1])
    drawn.add_y_scale(lowest, highest)
    drawn.add_x_axis(ticks=places, tick_formatter=lambda place, *_: short(round(10**place)))
    drawn.add_y_axis(ticks=ticks, tick_formatter=lambda place, *_: f"{10**place:,g} {unit}")
    return drawn


def short(hosts: int) -> str:
    """Return a number of hosts in few characters."""
    return f"{hosts / 1e6:g}M" if hosts >= 1e6 else f"{hosts / 1e3:g}k"


def line(row: dict[str, float]) -> str:
    """Return a line of the table."""

    def show(name: str) -> str:
        if f"{name}_cpu_s" not in row:
            return NONE
        return f"{row[f'{name}_cpu_s']:,g} s, {row[f'{name}_mb']:,} MB"

    cells = (
        f"{row['hosts']:,}",
        f"{row['hosts'] * row['rounds']:,}",
        f"{row['store_mb']:,} MB",
        show("report"),
        show("expect"),
        show("plain"),
        f"{row['page_mb']} MB" if "page_mb" in row else NONE,
        show("simulate"),
    )
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    main()
