"""The values of a SQLite database are read from its bytes, and nothing in it is run."""

import sqlite3

from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.parsing.sqlite_text import MAGIC, texts_in


def made(folder, *statements, values=()):
    path = folder / "x.db"
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    for statement in statements:
        database.execute(statement)
    database.executemany("INSERT INTO t VALUES (?)", [(value,) for value in values])
    database.commit()
    database.close()
    return path.read_bytes()


def test_every_text_is_found_also_one_that_takes_several_pages(tmp_path):
    long = "x" * 50_000

    data = made(tmp_path, "CREATE TABLE t (a)", values=["short", long, b"blob", 5, None])

    assert {b"short", long.encode(), b"blob"} == set(texts_in(data))


def test_a_database_whose_changes_lie_in_a_second_file_is_read(tmp_path):
    data = made(tmp_path, "PRAGMA journal_mode = WAL", "CREATE TABLE t (a)", values=["kept"])

    assert b"\x02\x02" == data[18:20]
    assert [b"kept"] == list(texts_in(data))


def test_views_are_not_run(tmp_path):
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"

    data = made(tmp_path, "CREATE TABLE t (a)", f"CREATE VIEW v AS {endless}", values=["kept"])

    assert [b"kept"] == list(texts_in(data))


def test_a_name_that_ends_a_statement_is_a_name(tmp_path):
    data = made(tmp_path, "CREATE TABLE t (a)", 'CREATE TABLE "a"";x" (b)', values=["kept"])

    assert [b"kept"] == list(texts_in(data))


@given(st.binary(max_size=3000))
def test_any_bytes_are_read(data):
    assert all(isinstance(text, bytes) for text in texts_in(MAGIC + data))


@given(st.integers(0, 8191), st.integers(0, 255))
def test_a_database_that_is_damaged_ends_without_an_error(tmp_path_factory, at, byte):
    data = bytearray(made(tmp_path_factory.getbasetemp(), "CREATE TABLE t (a)", values=["kept"]))
    data[at % len(data)] = byte

    assert all(isinstance(text, bytes) for text in texts_in(bytes(data)))
