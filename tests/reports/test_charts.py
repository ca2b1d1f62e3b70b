"""The labels of an axis stand apart, in equal steps, and are written in one way."""

import re
from itertools import pairwise

import pytest

from tipstaff_reports.page.charts import Bar, Line, bars, lines


def labels(drawn, among):
    return [text for text in re.findall(r"<text[^>]*>([^<]+)</text>", str(drawn)) if text in among]


@pytest.mark.parametrize("days", [2, 5, 7, 13, 14, 30, 90, 365])
def test_days_below_a_line_stand_in_equal_steps_and_the_last_one_is_shown(days):
    moments = [f"day {number}" for number in range(days)]
    drawn = lines("text", [Line("Fail", "fail", (1.0,) * days)], moments)

    places = sorted(moments.index(label) for label in labels(drawn, moments))
    steps = {second - first for first, second in pairwise(places)}

    assert len(steps) == 1
    assert places[-1] == days - 1


AXES = {
    "small": (9_987, ["0", "2k", "4k", "6k", "8k", "10k"]),
    "thousands": (45_000, ["0", "10k", "20k", "30k", "40k", "50k"]),
    "millions": (930_000, ["0", "0.2M", "0.4M", "0.6M", "0.8M", "1M"]),
    "few": (4, ["0", "1", "2", "3", "4"]),
}


@pytest.mark.parametrize(("longest", "shown"), AXES.values(), ids=AXES)
def test_numbers_of_an_axis_are_written_in_one_way(longest, shown):
    drawn = bars("text", ("fail",), [Bar("Fail", (longest,))])

    assert sorted(labels(drawn, shown)) == sorted(shown)
