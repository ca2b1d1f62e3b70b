"""A run that was killed at any moment goes on from what it has found."""

from proving.state import State, fingerprint


def test_a_line_that_was_cut_off_is_left_out_and_takes_no_other_with_it(tmp_path):
    state = State(tmp_path)
    (tmp_path / "x.jsonl").write_text('{"a": 1}\n{"a": 2')

    lines = state.open_lines("x")
    lines.add({"a": 3})
    lines.close()

    assert [{"a": 1}, {"a": 3}] == state.lines("x")


def test_a_value_that_was_half_written_counts_as_not_kept(tmp_path):
    (tmp_path / "x.json").write_text('{"a"')

    assert State(tmp_path).read("x") is None


def test_a_change_of_the_code_changes_its_fingerprint(tmp_path):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy/a.py").write_text("x = 1\n")
    before = fingerprint(tmp_path, ("policy",))

    (tmp_path / "policy/a.py").write_text("x = 2\n")

    assert before != fingerprint(tmp_path, ("policy",))
