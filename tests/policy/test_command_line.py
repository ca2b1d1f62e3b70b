"""What the guard reads from the command that it fronts."""

import pytest

from tipstaff_policy.clients.codex.command_line import read_invocation
from tipstaff_policy.clients.model import Invocation

CASES = {
    "bare": ("codex", Invocation("interactive")),
    "path": ("/opt/bin/codex exec hi", Invocation("exec")),
    "alias": ("codex e hi", Invocation("exec")),
    "prompt": ("codex fix-it", Invocation("interactive")),
    "option before": ("codex -c a=1 exec -c b=2 hi", Invocation("exec", ("a=1", "b=2"))),
    "option glued": ("codex -ca=1 -C/tmp", Invocation("interactive", ("a=1",), cwd="/tmp")),
    "option with equals": ("codex --config=a=b=c", Invocation("interactive", ("a=b=c",))),
    "switches": (
        "codex --enable x --disable y",
        Invocation("interactive", ("features.x=true", "features.y=false")),
    ),
    "profile": ("codex exec -p work", Invocation("exec", profile="work")),
    "user file ignored": (
        "codex exec --ignore-user-config hi",
        Invocation("exec", ignore_user_config=True),
    ),
    "value that looks like a command": ("codex -m exec", Invocation("interactive")),
    "behind two dashes": ("codex exec -- --nonsense", Invocation("exec")),
    "unknown": ("codex --nonsense=1 exec", Invocation("interactive", unknown="--nonsense")),
    "value missing": ("codex exec -c", Invocation("exec", unknown="-c")),
    "switch with a value": ("codex --oss=1", Invocation("interactive", unknown="--oss")),
    "editor": ("codex app-server", Invocation("app-server")),
    "log-in is judged as exec": ("codex login --with-api-key", Invocation("exec")),
}


@pytest.mark.parametrize(("line", "expected"), CASES.values(), ids=CASES)
def test_the_line_is_read_as_the_client_reads_it(line, expected):
    found = read_invocation(tuple(line.split()))

    assert expected == (
        found._replace(entry_point=expected.entry_point) if found.unknown else found
    )


@pytest.mark.parametrize("line", ["", "sh -c codex", "codexx"])
def test_other_programs_are_not_read(line):
    assert read_invocation(tuple(line.split())) is None
