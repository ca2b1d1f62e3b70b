"""Every edit of an action log that leaves the chain broken is found, with its line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.action_log.chain import last_log_out, verify
from tipstaff_policy.action_log.record import (
    EMPTY,
    TEXT_LIMIT,
    Entry,
    LogFile,
    Standing,
    is_repeated,
    moment,
    parse_line,
    render_chained_line,
    tail_of,
)
from tipstaff_policy.model.steps import Step

NOW = 1_800_000_000
HOME = "/home/dev/.codex"
ENTRY = Entry("enforce", HOME, 10, "codex", reason="because")
COUNT = 6


def chain(*entries, after=EMPTY):
    data, tail = b"", after
    for at, entry in enumerate(entries):
        line, _ = render_chained_line(entry, NOW + at, tail)
        data += line
        tail = tail_of(line)
    return data


LOG = chain(*[ENTRY] * COUNT)
LINES = LOG.splitlines(keepends=True)
HEAD = json.loads(LINES[-1])["hash"]
ANCHOR = Standing(HEAD, COUNT)


def files(*data):
    return tuple(
        LogFile(f"/log.{at}", content, set_aside=at < len(data) - 1)
        for at, content in enumerate(data)
    )


def test_a_log_as_it_was_written_is_whole():
    found = verify(files(LOG), ANCHOR)

    assert (ANCHOR, 1, (), 0, False) == found


def test_no_log_is_whole_and_stands_nowhere():
    assert (Standing(), 0, (), 0, False) == verify(())


EDITS = {
    "changed": (b"".join([*LINES[:2], LINES[2].replace(b"because", b"becausE"), *LINES[3:]]), 3),
    "changed, and no JSON now": (LOG.replace(b'"sequence":3,', b'"sequence":,'), 3),
    "changed at the end": (LOG[:-80] + LOG[-80:].replace(b"null", b"true"), COUNT),
    "deleted": (b"".join(LINES[:2] + LINES[3:]), 3),
    "reordered": (b"".join([LINES[0], LINES[2], LINES[1], *LINES[3:]]), 2),
    "doubled": (b"".join([*LINES[:3], LINES[2], *LINES[3:]]), 4),
    "put in": (b"".join([*LINES[:3], b"a line\n", *LINES[3:]]), 5),
    "begun later": (b"".join(LINES[2:]), 1),
    "written anew in the middle": (b"".join(LINES[:3]) + chain(ENTRY, ENTRY, ENTRY), 4),
    "the hash alone": (LOG.replace(json.loads(LINES[1])["hash"].encode(), b"0" * 64, 1), 2),
}


@pytest.mark.parametrize(("data", "line"), EDITS.values(), ids=EDITS)
def test_an_edit_is_found_at_its_line(data, line):
    assert data != LOG

    assert line == verify(files(data)).breaks[0].line


@given(st.integers(0, len(LOG) - 1), st.integers(0, 255))
def test_no_byte_can_be_changed_unseen(at, byte):
    changed = LOG[:at] + bytes([byte]) + LOG[at + 1 :]

    found = verify(files(changed))

    assert (changed == LOG) == (not found.breaks and not found.open_end)


OTHER = Entry("enforce", HOME, 10, "codex", reason="forged")
ROLLED_BACK = {
    "cut": b"".join(LINES[:4]),
    "written anew as a whole": chain(*[OTHER] * COUNT),
    "written anew, and longer": chain(*[OTHER] * (COUNT + 2)),
    "emptied": b"",
}


@pytest.mark.parametrize("data", ROLLED_BACK.values(), ids=ROLLED_BACK)
def test_an_edit_that_keeps_the_chain_is_found_by_an_anchor_alone(data):
    assert () == verify(files(data)).breaks

    assert 1 == len(verify(files(data), ANCHOR).breaks)


def test_a_log_that_is_gone_is_found_by_an_anchor():
    assert "no action log: ends at record 0, and stood at 6: it was cut or put back" == str(
        verify((), ANCHOR).breaks[0]
    )


def test_an_earlier_anchor_holds_as_the_log_goes_on():
    longer = LOG + chain(ENTRY, after=tail_of(LOG))

    assert () == verify(files(longer), ANCHOR).breaks


@given(st.integers(1, len(LINES[-1]) - 1))
def test_a_record_cut_by_a_crash_is_closed_and_the_chain_goes_on(length):
    cut = b"".join(LINES[:-1]) + LINES[-1][:length]
    open_end = tail_of(cut).last.sequence < COUNT

    following, _ = render_chained_line(ENTRY, NOW, tail_of(cut))
    found = verify(files(cut + b"\n" + following))

    assert open_end == verify(files(cut)).open_end
    assert () == found.breaks
    assert int(open_end) == found.torn
    assert COUNT + (not open_end) == found.standing.length


def test_what_a_crash_left_may_not_be_changed_later():
    cut = LOG + b'{"sequence":7'
    following, _ = render_chained_line(ENTRY, NOW, tail_of(cut))
    edited = (cut + b"\n" + following).replace(b'{"sequence":7\n', b'{"sequence":8\n')

    assert 1 == len(verify(files(edited)).breaks)


def test_a_new_file_goes_on_from_the_one_set_aside():
    newer = chain(ENTRY, after=tail_of(LOG))

    assert (Standing(json.loads(newer)["hash"], COUNT + 1), 1, ()) == verify(files(LOG, newer))[:3]
    assert 1 == len(verify(files(newer)).breaks)


def test_a_crash_before_the_file_was_set_aside_is_accounted_for_in_the_next():
    cut = LOG + b'{"seq'
    newer, _ = render_chained_line(ENTRY, NOW, tail_of(b"", tail_of(cut)))

    assert ((), 1) == verify(files(cut, newer))[2:4]


def test_an_older_file_may_begin_in_the_middle():
    older = b"".join(LINES[2:])

    found = verify(files(older, chain(ENTRY, after=tail_of(LOG))))

    assert 3 == found.first
    assert () == found.breaks


@given(st.binary(max_size=200))
def test_any_bytes_give_an_answer(data):
    assert verify(files(data)).standing == Standing()


@pytest.mark.parametrize(
    "body", [b"[1,2]", b"{}", b'{"sequence":Infinity,"torn":null}', b"{" * 5000]
)
def test_a_line_with_a_hash_and_no_record_is_none(body):
    assert parse_line(b"{" + body + b',"hash":"' + b"0" * 64 + b'"}') is None


FAILED = Step("file", "/f", "remove", "failed", "immutable")
NOTHING = ENTRY._replace(exit_code=11, steps=(FAILED,))
REMOVED = NOTHING._replace(steps=(FAILED._replace(outcome="removed"),))
REPEATED = {
    "the same failure": (NOTHING, (NOTHING,), True),
    "the same after another's": (NOTHING, (NOTHING, NOTHING._replace(home="/other")), True),
    "another reason": (NOTHING, (NOTHING._replace(reason="else"),), False),
    "a log-out": (ENTRY, (ENTRY,), False),
    "something was removed": (REMOVED, (REMOVED,), False),
    "after a log-out": (NOTHING, (NOTHING, ENTRY), False),
    "after another's log-out": (NOTHING, (NOTHING, ENTRY._replace(home="/other")), True),
    "something that was asked for": (
        ENTRY._replace(exit_code=0),
        (ENTRY._replace(exit_code=0),),
        False,
    ),
    "nothing before": (NOTHING, (), False),
}


@pytest.mark.parametrize(("entry", "before", "repeated"), REPEATED.values(), ids=REPEATED)
def test_a_failure_that_stands_is_not_recorded_again(entry, before, repeated):
    assert repeated == is_repeated(entry, chain(*before), moment(NOW - 1), moment(NOW + 9))


def test_a_failure_is_recorded_again_after_its_time_and_where_the_clock_went_back():
    log = chain(NOTHING)

    assert not is_repeated(NOTHING, log, moment(NOW), moment(NOW + 9))
    assert not is_repeated(NOTHING, log, moment(NOW - 9), moment(NOW - 1))


def test_a_text_of_others_is_bounded_and_harmless():
    hostile = "\x1b[2J\udcff\n" + "x" * 10_000
    line = chain(ENTRY._replace(reason=hostile))

    assert 1 == line.count(b"\n")
    assert line.isascii() is True
    assert TEXT_LIMIT == len(json.loads(line)["reason"])
    assert b"\x1b" not in line


def test_the_last_log_out_is_the_newest_of_that_folder():
    log = chain(
        ENTRY._replace(reason="first"),
        NOTHING._replace(reason="second"),
        ENTRY._replace(reason="asked", exit_code=0),
        ENTRY._replace(home="/other"),
    )

    assert (moment(NOW + 1), "enforce", 11, "second") == last_log_out(files(LOG, log), HOME)
    assert last_log_out(files(log), "/nobody") is None


@pytest.mark.parametrize("action", ["credentials migrate", "credentials revoke", "login"])
def test_no_exit_code_of_another_command_passes_for_a_log_out(action):
    other = ENTRY._replace(action=action, exit_code=11)

    assert last_log_out(files(chain(other)), HOME) is None
    assert (moment(NOW), "enforce", 10, "because") == last_log_out(files(chain(ENTRY, other)), HOME)


@pytest.mark.parametrize(
    ("outcome", "repeated"),
    [("stored", False), ("revoked", False), ("not_revocable", True), ("failed", True)],
)
def test_what_changed_something_is_no_repetition(outcome, repeated):
    step = Step("file", "/home/dev/.codex/auth.json", "revoke", outcome, "")
    entry = Entry("credentials revoke", HOME, 11, "codex", steps=(step,))

    assert repeated == is_repeated(entry, chain(entry), moment(NOW - 9), moment(NOW + 9))
