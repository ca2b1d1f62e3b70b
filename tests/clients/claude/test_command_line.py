"""What a command line of the client says about the state that it will run on."""

import pytest

from tipstaff_policy.clients.claude.command_line import OPTIONS, read_invocation, uses_no_credential
from tipstaff_policy.clients.claude.start import check_start
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.request import Request

POINTS = {
    "claude": "interactive",
    "claude hello": "interactive",
    "claude -p hello": "print",
    "claude hello -p": "print",
    "claude --print": "print",
    "claude -cp hello": "print",
    "claude -c": "interactive",
    "claude auth status": "status",
    "claude auth status --text": "status",
    "claude auth login": "print",
    "claude mcp list": "print",
    "claude -- -p": "interactive",
    "claude --settings -p": "interactive",
    "claude --settings x -p": "print",
    "claude --add-dir a b -p": "print",
    "claude -p --add-dir a b": "print",
    "claude --debug -p": "print",
    "claude --debug api hello": "interactive",
    "claude -r": "interactive",
    "claude --model opus auth status": "status",
    "claude help auth": "print",
    "claude hello auth": "interactive",
    "/usr/bin/claude.exe -p": "print",
}


@pytest.mark.parametrize(("line", "point"), POINTS.items(), ids=POINTS)
def test_a_command_line_says_how_the_client_is_started(line, point):
    assert point in {reading.entry_point for reading in read_invocation(tuple(line.split()))}


SAID = {
    "claude -p --settings a.json": ("a.json",),
    "claude -p --settings=a.json": ("a.json",),
    "claude --settings a --settings b": ("a", "b"),
    "claude --setting-sources user,project": ("--setting-sources=user,project",),
    "claude --managed-settings {}": ("--managed-settings={}",),
    "claude --restricted --settings a": ("a", "--setting-sources="),
    "claude -- --settings a": (),
}


@pytest.mark.parametrize(("line", "overrides"), SAID.items(), ids=SAID)
def test_a_command_line_says_which_settings_are_read(line, overrides):
    (reading,) = read_invocation(tuple(line.split()))

    assert overrides == reading.overrides


@pytest.mark.parametrize(("line", "bare"), [("claude --bare -p", True), ("claude -p", False), ("claude -- --bare", False)])  # fmt: skip
def test_a_bare_start_is_seen(line, bare):
    assert {bare} == {
        reading.ignore_user_config for reading in read_invocation(tuple(line.split()))
    }


def test_what_an_unknown_option_leaves_open_is_read_both_ways():
    readings = read_invocation(("claude", "--later", "auth", "status"))

    assert {"status", "interactive"} == {reading.entry_point for reading in readings}


def test_many_unknown_options_end_in_few_readings():
    words = ("claude", *(word for number in range(40) for word in (f"--later-{number}", "x")))

    assert len(read_invocation(words)) <= 32


def test_another_program_is_not_its_own():
    assert read_invocation(("claude-squad",)) is None
    assert read_invocation(()) is None


UNSIGNED = {
    "claude auth login": True,
    "claude auth logout": True,
    "claude --version": True,
    "claude -p --help": True,
    "claude update": True,
    "claude install stable": True,
    "claude": False,
    "claude -p login": False,
    "claude auth status": False,
    "claude setup-token": False,
    "claude mcp list": False,
    "claude -- --version": False,
    "claude --settings --version": False,
    "claude --later auth login": False,
    "make --version": False,
}


@pytest.mark.parametrize(("line", "unsigned"), UNSIGNED.items(), ids=UNSIGNED)
def test_only_what_certainly_signs_in_by_nothing_starts_without_a_judgement(line, unsigned):
    assert unsigned == uses_no_credential(tuple(line.split()))


def test_every_option_takes_something_known():
    assert {"none", "one", "maybe", "many"} == {*OPTIONS.values()}


@pytest.mark.parametrize("override", ["--setting-sources=team", "--setting-sources=user,team"])
def test_a_start_that_the_client_does_not_take_is_wrong_usage(override):
    with pytest.raises(UsageError):
        check_start(Request({}, "/", 0, overrides=(override,)))


@pytest.mark.parametrize("override", ["--setting-sources=user, local", "--setting-sources=", "a.json", '{"model": "opus"}'])  # fmt: skip
def test_a_start_that_the_client_takes_is_none(override):
    check_start(Request({}, "/", 0, overrides=(override,)))
