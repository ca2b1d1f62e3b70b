"""A question that cannot spill enough is asked again with a little more memory, and with no more."""

import duckdb
import pytest

from tipstaff_fleet.engines.embedded import Embedded, choose_memory, open_embedded
from tipstaff_fleet.errors import MemoryLimitError
from tipstaff_fleet.store.manifest import Manifest, StoredFile
from tipstaff_fleet.store.store import Store

TEXT = "SELECT max(length(s)) FROM (SELECT string_agg(repeat('x', 20), '') AS s FROM range({}))"


@pytest.fixture
def engine(tmp_path):
    with open_embedded(str(tmp_path), memory="20MB", threads=1) as database:
        yield Embedded(database, Store(str(tmp_path)), Manifest(), str(tmp_path))


def limit(engine):
    (found,) = engine.database.execute("SELECT current_setting('memory_limit')").fetchone()
    return found


@pytest.mark.parametrize(("fails", "limits"), [(0, 1), (1, 2), (2, 3)])
def test_it_gets_more_step_by_step(engine, fails, limits):
    seen = []

    def ask():
        seen.append(limit(engine))
        if len(seen) <= fails:
            raise duckdb.OutOfMemoryException("too little")
        return "answer"

    assert engine._ask_with_more_memory(ask) == "answer"
    assert seen == ["19.0 MiB", "30.0 MiB", "48.0 MiB"][:limits]
    assert limit(engine) == "19.0 MiB"


def ask_with_little(folder, text):
    with open_embedded(str(folder), memory="20MB", threads=1) as database:
        Embedded(database, Store(str(folder)), Manifest(), str(folder)).ask(text)


def test_what_needs_still_more_is_an_error_that_names_the_limit(tmp_path):
    with pytest.raises(MemoryLimitError, match="more memory than 20MB"):
        ask_with_little(tmp_path, TEXT.format(2_000_000))


@pytest.mark.parametrize("way", ["ask", "define", "stream"])
def test_every_way_to_ask_gets_more(engine, way):
    text = TEXT.format(400_000)
    with pytest.raises(duckdb.OutOfMemoryException):
        engine.database.execute(text)
    asked = getattr(engine, way)

    found = asked("kept", text) if way == "define" else list(asked(text))

    assert found in ([(8_000_000,)], None)


@pytest.mark.parametrize(
    ("runs", "least_mb", "memory"),
    [(0, 100, "100MB"), (2_000_000, 180, "180MB"), (14_000_000, 100, "420MB")],
)
def test_a_larger_store_gets_more_where_no_option_says_so(runs, least_mb, memory):
    files = (
        StoredFile(table="runs", path="runs/part.parquet", rows=runs, bytes=1),
        StoredFile(table="credentials", path="credentials/part.parquet", rows=10**9, bytes=1),
    )

    assert choose_memory(Manifest(files=files), least_mb) == memory
