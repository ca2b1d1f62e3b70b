"""What the real client did on recorded hosts, held against Tipstaff without the client.

The hosts of the tables and random ones, as `record.py` and `campaign.py --record` wrote them.
"""

from pathlib import Path

import pytest

from conformance_claude import install, judge
from conformance_claude.cases import is_log_out
from conformance_claude.record import corpus_of, read_corpus
from conformance_claude.replay import replay

HERE = Path(__file__).parent
FEWEST = 280
LEAST = {
    path.name.removeprefix("random-").removesuffix(".jsonl.gz"): FEWEST
    for path in sorted(HERE.glob("random-*.jsonl.gz"))
} | {"2.1.146": 300, "2.1.330": 300, "2.1.332": 1900}
"""How many random starts are judged at least, of each version that has a record."""
LARGE = 20_000
"""Bytes of a record above which its replay takes long."""
LONGEST = tuple(
    version for version in LEAST if (HERE / f"random-{version}.jsonl.gz").stat().st_size > LARGE
)
"""Those whose random hosts take so long that `make test` leaves them to `make test-rest`."""
MOST_NOT_JUDGED = 0.05
"""Of the random hosts; each of them has a reason that `judge.py` names."""


def random_corpus_of(version):
    """Return the file with what a version did on random hosts."""
    return HERE / f"random-{version}.jsonl.gz"


@pytest.mark.parametrize("version", install.VERSIONS)
def test_the_recorded_client_is_agreed_with_on_the_hosts_of_the_tables(known, tmp_path, version):
    corpus = read_corpus(corpus_of(version))

    found = list(replay(corpus, tmp_path / "host", version))

    assert [] == [compared for compared in found if compared.difference]
    assert len(found) == len(corpus)


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(version, marks=pytest.mark.rest if version in LONGEST else ())
        for version in LEAST
    ],
)
def test_the_recorded_client_is_agreed_with_on_random_hosts(known, tmp_path, version):
    found = list(replay(read_corpus(random_corpus_of(version)), tmp_path / "host", version))

    starts = [
        compared for compared in found if not is_log_out(compared.name) and not compared.not_judged
    ]
    assert [] == [compared for compared in found if compared.difference]
    assert len(starts) >= LEAST[version]


@pytest.mark.parametrize("version", LEAST)
def test_nearly_every_random_host_is_judged(known, tmp_path, version):
    corpus = read_corpus(random_corpus_of(version))
    starts = {name: recorded for name, recorded in corpus.items() if name.startswith("random:")}

    left_out = [judge.why_not_comparable(*start) for start in starts.values()]

    assert len(list(filter(None, left_out))) <= MOST_NOT_JUDGED * len(starts)


def test_a_host_without_a_verdict_of_the_client_is_in_no_record():
    endings = {
        outcome.ending
        for version in LEAST
        for _, outcome in read_corpus(random_corpus_of(version)).values()
    }

    assert not endings & {"other", "no end"}
