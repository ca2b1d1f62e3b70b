"""Every question is in the subset of SQL that all engines read alike."""

from importlib import resources

import pytest

from support.fleet.sql_subset import faults, tables
from tipstaff_fleet import questions
from tipstaff_fleet.questions import read_text

NAMES = sorted(
    path.name.removesuffix(".sql")
    for path in resources.files(questions).iterdir()
    if path.name.endswith(".sql")
)
READ = {name for table_name in NAMES for name in tables(read_text(table_name)) if name in NAMES}
"""Relations: what other texts read."""
OUTSIDE = {
    "a union in order": (
        "SELECT host_id FROM runs UNION ALL SELECT host_id FROM runs ORDER BY host_id",
        "orders a union",
    ),
    "a filter behind a window": (
        "SELECT host_id FROM runs QUALIFY row_number() OVER (ORDER BY run_seq) = 1 ORDER BY host_id",
        "QUALIFY",
    ),
    "a filter of an aggregate": (
        "SELECT count(*) FILTER (WHERE failed = 0) AS n FROM runs ORDER BY n",
        "FILTER",
    ),
    "a division": ("SELECT passed / 2 AS half FROM runs ORDER BY half", "a division"),
    "a division of whole numbers": (
        "SELECT passed // 2 AS half FROM runs ORDER BY half",
        "a division",
    ),
    "the first of each group": (
        "SELECT DISTINCT ON (host_id) host_id FROM runs ORDER BY host_id",
        "DISTINCT ON",
    ),
    "the present moment": (
        "SELECT host_id FROM runs WHERE seen_s < epoch(now()) ORDER BY host_id",
        "NOW()",
    ),
    "today": ("SELECT current_date AS today FROM runs ORDER BY today", "CURRENT_DATE"),
    "a full join": (
        "SELECT a.host_id AS host_id FROM runs AS a FULL JOIN runs AS b ON a.run_seq = b.run_seq ORDER BY host_id",
        "FULL JOIN",
    ),
    "a join by names": (
        "SELECT run_seq FROM runs JOIN credentials USING (run_seq) ORDER BY run_seq",
        "a join other than",
    ),
    "no order": ("SELECT host_id FROM runs", "no ORDER BY"),
    "a reserved name": ("SELECT r.user AS user_name FROM runs AS r ORDER BY user_name", "user"),
    "a reserved alias": ("SELECT count(*) AS rows FROM runs ORDER BY rows", "rows"),
    "a name in capitals": ("SELECT count(*) AS Hosts FROM runs ORDER BY Hosts", "Hosts"),
    "a running sum over values": (
        "SELECT seen_s, sum(failed) OVER (ORDER BY seen_s) AS so_far FROM runs ORDER BY seen_s",
        "ROWS BETWEEN",
    ),
    "rows numbered in no order": (
        "SELECT row_number() OVER (PARTITION BY host_id) AS place FROM runs ORDER BY place",
        "in no order",
    ),
    "a sum of a boolean": ("SELECT sum(failed = 0) AS n FROM runs ORDER BY n", "sums a boolean"),
    "all columns": ("SELECT * FROM runs ORDER BY run_seq", "a star"),
    "groups by whatever is selected": (
        "SELECT host_id, count(*) AS n FROM runs GROUP BY ALL ORDER BY host_id",
        "GROUP BY ALL",
    ),
    "a date": ("SELECT to_timestamp(seen_s) AS seen FROM runs ORDER BY seen", "not in the subset"),
    "a pattern": (
        "SELECT host_id FROM runs WHERE host_name LIKE 'a%' ORDER BY host_id",
        "a pattern",
    ),
    "a number with a fraction": (
        "SELECT host_id FROM runs WHERE failed > 0.5 ORDER BY host_id",
        "not whole",
    ),
    "the order of its own texts": (
        "SELECT CASE WHEN failed = 0 THEN 'good' ELSE 'bad' END AS how FROM runs ORDER BY how",
        "no column gives",
    ),
    "a list": ("SELECT list(host_id) AS hosts FROM runs ORDER BY hosts", "not in the subset"),
    "a subquery without a name": (
        "SELECT host_id FROM (SELECT host_id FROM runs) ORDER BY host_id",
        "without a name",
    ),
    "two statements": ("SELECT host_id FROM runs ORDER BY host_id; SELECT 1", "one statement"),
    "a change": ("DELETE FROM runs", "no SELECT"),
    "what is no SQL": ("SELECT host_id FROM WHERE ORDER", "one statement"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_question_is_in_the_subset_and_compiles_for_engines_that_no_test_runs(name):
    assert faults(read_text(name), ordered=name not in READ) == []


@pytest.mark.parametrize(("text", "fault"), OUTSIDE.values(), ids=OUTSIDE)
def test_what_is_outside_the_subset_is_found(text, fault):
    assert fault in " ".join(faults(text, ordered=True))
