"""What the real client did on recorded hosts, held against Tipstaff without the client.

The hosts of the tables and random ones, as `record.py` and `campaign.py --record` wrote them.
"""

import os
from pathlib import Path

import pytest

from conformance_claude import cases, cases_versions, install, judge
from conformance_claude.copies import lay_out
from conformance_claude.record import corpus_of, read_corpus

HERE = Path(__file__).parent
RANDOM = HERE / f"random-{install.NEWEST}.jsonl.gz"
LEAST_JUDGED = {"tables": 300, "random": 100}


@pytest.fixture
def known():
    """The client known to this process, where the table of clients does not name it yet."""
    before = dict(judge.CLIENTS), dict(judge.PROGRAMS)
    judge.make_known()
    yield
    for table, content in zip((judge.CLIENTS, judge.PROGRAMS), before, strict=True):
        table.clear()
        table.update(content)


def wrong_in(corpus, root, version):
    """Return how many hosts were judged, and on which of them Tipstaff differs from the client."""
    judged, wrong = 0, []
    for name, (host, outcome) in corpus.items():
        is_hidden = os.geteuid() == 0 and judge.hides_files(host)
        if cases.is_log_out(name) or is_hidden or not judge.is_comparable(host, outcome):
            continue
        lay_out(root, host)
        with judge.managed_files_at(root / "managed"):
            difference = judge.difference(judge.foretell(host, str(root), version), outcome)
        judged += 1
        if difference:
            wrong.append((name, difference))
    return judged, wrong


@pytest.mark.parametrize(
    ("name", "path"), [("tables", corpus_of(install.NEWEST)), ("random", RANDOM)]
)
def test_the_recorded_client_is_agreed_with(known, tmp_path, name, path):
    judged, wrong = wrong_in(read_corpus(path), tmp_path / "host", install.NEWEST)

    assert [] == wrong
    assert judged >= LEAST_JUDGED[name]


@pytest.mark.parametrize("version", cases_versions.OLDER)
def test_an_older_client_is_agreed_with(known, tmp_path, version):
    _, wrong = wrong_in(read_corpus(corpus_of(version)), tmp_path / "host", version)

    assert [] == wrong
