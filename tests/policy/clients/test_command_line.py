"""The client's command line is read as the client reads it, without running it."""

import json
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex import command_lines
from tipstaff_policy.clients.codex.command_line import (
    MOST_READINGS,
    NEWEST_FIRST,
    read_invocation,
    readings,
)
from tipstaff_policy.clients.codex.command_lines import EVERYWHERE, TAKES, command_line
from tipstaff_policy.clients.codex.versions import NEWEST, PROVEN
from tipstaff_policy.clients.interface.adapter import every_invocation
from tipstaff_policy.model.request import Invocation, Request

DATA = Path(command_lines.__file__).parent
ON, OFF = "features.x=true", "features.x=false"
CASES = {
    "bare": ("codex", Invocation("interactive")),
    "path": ("/opt/bin/codex exec hi", Invocation("exec")),
    "alias": ("codex e hi", Invocation("exec")),
    "prompt": ("codex fix-it", Invocation("interactive")),
    "option before": ("codex -c a=1 exec -c b=2 hi", Invocation("exec", ("a=1", "b=2"))),
    "option on three levels": (
        "codex -c a=1 exec -c b=2 resume --last -c c=3",
        Invocation("exec", ("a=1", "b=2", "c=3")),
    ),
    "option glued": ("codex -ca=1 -C/tmp", Invocation("interactive", ("a=1",), cwd="/tmp")),
    "option glued with equals": ("codex exec -c=a=1", Invocation("exec", ("a=1",))),
    "option with equals": ("codex --config=a=b=c", Invocation("interactive", ("a=b=c",))),
    "letters in a group": ("codex -Vca=1", Invocation("interactive", ("a=1",))),
    "switches": (
        "codex --enable x --disable y",
        Invocation("interactive", (ON, "features.y=false")),
    ),
    "a switch beats what is behind it": (
        "codex exec --enable x -c features.x=false",
        Invocation("exec", ("features.x=false", ON)),
    ),
    "off beats on": ("codex --disable x exec --enable x", Invocation("exec", (ON, OFF))),
    "profile": ("codex exec -p work", Invocation("exec", profile="work")),
    "the inner profile": ("codex -p a exec -p b", Invocation("exec", profile="b")),
    "the inner folder": ("codex -C a exec -C b", Invocation("exec", cwd="b")),
    "a folder that nobody goes to": ("codex -C a login status", Invocation("exec")),
    "without the user's file": (
        "codex exec --ignore-user-config",
        Invocation("exec", ignore_user_config=True),
    ),
    "without the user's file, further in": (
        "codex exec resume --last --ignore-user-config",
        Invocation("exec", ignore_user_config=True),
    ),
    "value that looks like a command": ("codex -m exec", Invocation("interactive")),
    "several values": ("codex -i x login -c a=1", Invocation("interactive", ("a=1",))),
    "values end at an option": ("codex -i x -c a=1 login status", Invocation("exec", ("a=1",))),
    "a glued value is the only one": ("codex -ix login -c a=1", Invocation("exec", ("a=1",))),
    "one with equals too": ("codex --image=x login", Invocation("exec")),
    "one image further in": ("codex exec resume -i x 0 -c a=1", Invocation("exec", ("a=1",))),
    "behind two dashes": ("codex exec -- --nonsense", Invocation("exec")),
    "override behind two dashes": ("codex exec hi -- -c a=1", Invocation("exec")),
    "value missing": ("codex exec -c", Invocation("exec")),
    "value missing before an option": ("codex exec -m -c a=1", Invocation("exec", ("a=1",))),
    "switch with a value": ("codex --oss=1 -c a=1", Invocation("interactive", ("a=1",))),
    "a prompt before the command": ("codex hi exec -c a=1", Invocation("exec", ("a=1",))),
    "from standard input": ("codex exec - -c a=1", Invocation("exec", ("a=1",))),
    "spelling that no help shows": ("codex --yolo exec", Invocation("exec")),
    "another program's options": ("codex sandbox ls -c a=1", Invocation("exec")),
    "before another program": ("codex sandbox -c a=1 ls", Invocation("exec", ("a=1",))),
    "the letter of another option": ("codex app-server generate-ts -p x", Invocation("app-server")),
    "editor": ("codex app-server --listen stdio://", Invocation("app-server")),
    "log-in is judged as exec": ("codex login --with-api-key", Invocation("exec")),
    "help": ("codex help exec", Invocation("exec")),
    "resume": ("codex resume --last", Invocation("interactive")),
    "review": ("codex review --uncommitted", Invocation("exec")),
    "of an older version": ("codex exec --full-auto resume hi", Invocation("exec")),
    "another host's login": ("codex exec --remote ws://h hi", Invocation("exec", remote="ws://h")),
    "that of the outer level": ("codex --remote ws://h exec", Invocation("exec", remote="ws://h")),
    "a server that registers": ("codex exec-server --remote ws://h", Invocation("app-server")),
}
OPEN = {
    "before a command": (
        "codex --nonsense exec -c a=1 hi",
        {Invocation("exec", ("a=1",)), Invocation("interactive", ("a=1",))},
    ),
    "several values": (
        "codex --nonsense x exec -c a=1",
        {Invocation("exec", ("a=1",)), Invocation("interactive", ("a=1",))},
    ),
    "with a value of its own": ("codex --nonsense=1 exec", {Invocation("exec")}),
    "in a group of letters": (
        "codex exec -Qca=1",
        {Invocation("exec"), Invocation("exec", ("a=1",))},
    ),
    "before an option": ("codex exec --nonsense -c a=1", {Invocation("exec", ("a=1",))}),
    "at the end": ("codex exec --nonsense", {Invocation("exec")}),
}


def read(line):
    return read_invocation(tuple(line.split()))


@pytest.mark.parametrize(("line", "expected"), CASES.values(), ids=CASES)
def test_the_line_is_read_as_the_client_reads_it(line, expected):
    assert (expected,) == read(line)


@pytest.mark.parametrize(("line", "expected"), OPEN.values(), ids=OPEN)
def test_an_unknown_option_leaves_every_reading_open(line, expected):
    assert expected == set(read(line))


@pytest.mark.parametrize("line", ["", "sh -c codex", "codexx"])
def test_other_programs_are_not_read(line):
    assert read(line) is None


def every_option(version):
    table = command_line(version)
    for name in table.rows:
        if name != EVERYWHERE:
            for option, takes in table.command(name).options.items():
                yield name, option, takes


def every_line(version):
    for name, option, takes in every_option(version):
        yield name, (*name.split(), option, *([] if takes == "none" else ["value"]))


@pytest.mark.parametrize("version", PROVEN)
def test_every_option_of_every_command_is_read_in_one_way(version):
    lines = [words for _, words in every_line(version)]

    assert [] == [line for line in lines if len(readings(line, NEWEST_FIRST)) != 1]


@pytest.mark.parametrize("version", PROVEN)
def test_an_override_behind_every_option_counts(version):
    lines = [(*words, "-c", "a=1") for _, words in every_line(version)]

    assert [] == [line for line in lines if "a=1" not in readings(line, (version,))[0].overrides]


def test_no_version_gives_an_option_another_number_of_values():
    known = {}
    for version in PROVEN:
        for name, option, takes in every_option(version):
            known.setdefault((name, option), set()).add(takes)

    assert {} == {name: takes for name, takes in known.items() if len(takes) > 1}


def test_every_proven_version_has_its_table_and_nothing_else_has():
    names = {f"{'.'.join(map(str, version))}.json" for version in PROVEN}

    assert names == {path.name for path in DATA.glob("*.json")}


def test_a_table_says_nothing_that_is_not_read():
    rows = json.loads((DATA / f"{'.'.join(map(str, NEWEST))}.json").read_text())

    assert {key for row in rows.values() for key in row} <= {*TAKES, "commands", "aliases", "rest"}


WORDS = st.sampled_from(
    ["exec", "login", "-i", "x", "--nonsense", "-Q", "-c", "a=1", "--", "resume", "-Qc", "--enable"]
)


@given(st.lists(WORDS, max_size=12))
@settings(deadline=None)
def test_any_line_has_a_reading_and_no_more_than_the_limit(words):
    assert 1 <= len(read_invocation(("codex", *words))) <= MOST_READINGS


def calls(words):
    """Return how many calls a reading takes, which no other work on the machine changes."""
    counted = 0

    def count(_frame, event, _argument):
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        read_invocation(("codex", *words))
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize(
    "words", [("--nonsense", "exec"), ("-c", "a=1"), ("-Qca=1",), ("-" + "Q" * 50,)]
)
def test_a_line_is_read_in_a_time_that_grows_with_its_length(words):
    assert calls(words * 1000) <= 9 * calls(words * 125)


def test_a_folder_to_work_in_is_not_the_one_that_the_client_starts_in():
    request = Request(env={}, cwd="/start", now=0)

    (found,) = every_invocation(load_client("codex"), request, ("codex", "-C", "../o", "exec"))

    assert "/start" == found.started_in
    assert "/start/../o" == found.cwd


def test_a_command_of_another_program_changes_nothing():
    request = Request(env={}, cwd="/start", now=0)

    assert (request,) == every_invocation(load_client("codex"), request, ("make", "-C", "x"))
