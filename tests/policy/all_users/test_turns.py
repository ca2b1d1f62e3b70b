"""The process of one turn: whose rights it has, what it is bound to, and what is believed of it."""

import ast
import json
import os
import sys
from pathlib import Path

import pytest

import tipstaff_policy
from support.machines.hosts import run
from support.machines.local_users import NEEDS_ROOT

PRELUDE = """
import json, os, resource, signal, sys, time
from tipstaff_policy.all_users.run_as_user import run_as_user
from tipstaff_policy.all_users.accounts import LocalUser

def job():
{job}

user = LocalUser("somebody", 61500, 61501, {home!r})
turn = run_as_user(user, job, folder=".codex", limit_s={limit})
print(json.dumps([turn.outcome, turn.text, turn.exit_code]))
"""


def turn(job, home="/", env=None, limit=3):
    """Return what comes of a turn in which these lines are run."""
    body = "\n".join(f"    {line}" for line in job.splitlines())
    script = PRELUDE.format(job=body, home=home, limit=limit)
    done = run([sys.executable, "-I", "-c", script], env=env)
    assert 0 == done.returncode, done.stderr
    return json.loads(done.stdout)


SEEN = """
return json.dumps({
    "ids": [os.getresuid(), os.getresgid(), os.getgroups()],
    "environment": dict(os.environ),
    "descriptors": sorted(int(each) for each in os.listdir("/proc/self/fd"))[:4],
    "standard": [os.readlink(f"/proc/self/fd/{each}") for each in range(3)],
    "leader": os.getsid(0) == os.getpid(),
    "dumped": resource.getrlimit(resource.RLIMIT_CORE)[0],
    "memory": resource.getrlimit(resource.RLIMIT_AS)[0],
    "traced by the user": os.stat("/proc/self/mem").st_uid == os.getuid(),
    "capabilities": [line.split()[1] for line in open("/proc/self/status") if line.startswith(("CapPrm", "CapEff", "CapAmb"))],
    "cwd": os.getcwd(),
})
"""


@NEEDS_ROOT
def test_a_turn_has_the_users_rights_and_nothing_of_roots():
    outcome, text, _ = turn(
        SEEN, env={**os.environ, "CODEX_API_KEY": "made-up", "XDG_RUNTIME_DIR": "/"}
    )

    seen = json.loads(text)
    assert "done" == outcome
    assert [[61500] * 3, [61501] * 3, [61501]] == seen["ids"]
    assert {"HOME": "/", "USER": "somebody", "LOGNAME": "somebody"} == {
        name: value for name, value in seen["environment"].items() if name != "PATH"
    }
    # The last is the one by which the folder of descriptors itself is read.
    assert [0, 1, 2, 3] == seen["descriptors"]
    assert ["/dev/null"] * 3 == seen["standard"]
    assert (True, 0, 2 << 30, False) == tuple(
        seen[name] for name in ("leader", "dumped", "memory", "traced by the user")
    )
    assert ["0" * 16] * 3 == seen["capabilities"]


NEVER_ENDING = {
    "never ends": "while True: time.sleep(1)",
    "ignores signals and never ends": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: time.sleep(1)"
    ),
    "leaves a process that holds the answer open": (
        "if os.fork() == 0: time.sleep(60)\nos._exit(0)"
    ),
}
FAILING = {
    "ends": ("os._exit(0)", "the process was ended before it answered"),
    "is killed": (
        "os.kill(os.getpid(), 9)",
        "the process was ended by signal 9 before it answered",
    ),
    "takes all memory": ("return 'x' * (3 << 30)", "needs more memory than a worker may use"),
    "answers for ever": (
        "while True: os.write(3, b'x' * 65536)",
        "the answer is larger than 16777216 bytes",
    ),
    "answers something else": (
        "os.write(3, b'{}')\nos._exit(0)",
        "the worker returned an invalid result",
    ),
    "answers with another shape": (
        "os.write(3, b'[\"done\", 1, 0]')\nos._exit(0)",
        "the worker returned an invalid result",
    ),
    "answers with an unhashable word": (
        "os.write(3, b'[[], \"\", 0]')\nos._exit(0)",
        "the worker returned an invalid result",
    ),
    "fails with the text of a secret": (
        "raise ValueError('made-up')",
        "internal error (ValueError)",
    ),
    "may not": ("open('/etc/shadow')", "/etc/shadow: Permission denied"),
}


@NEEDS_ROOT
@pytest.mark.parametrize("job", NEVER_ENDING.values(), ids=NEVER_ENDING)
def test_what_does_not_end_is_an_error_of_this_turn(job):
    assert ["failed", "the time limit of 1 s is over", 4] == turn(job, limit=1)


@NEEDS_ROOT
@pytest.mark.parametrize(("job", "why"), FAILING.values(), ids=FAILING)
def test_what_goes_wrong_is_an_error_of_this_turn(job, why):
    assert ["failed", why, 4] == turn(job)


@NEEDS_ROOT
@pytest.mark.parametrize(("code", "kept"), [(3, 3), (4, 4), (0, 4), (10, 4)])
def test_a_failed_turn_never_counts_as_anything_but_an_error(code, kept):
    job = f'os.write(3, b\'["failed", "why", {code}]\')\nos._exit(0)'

    assert ["failed", "why", kept] == turn(job)


@NEEDS_ROOT
def test_a_turn_goes_home_or_to_the_root(tmp_path):
    tmp_path.chmod(0o700)

    assert ["done", "/", 0] == turn("return os.getcwd()", home=str(tmp_path))
    assert ["done", "/usr", 0] == turn("return os.getcwd()", home="/usr")
    assert ["skipped", "no home", 0] == turn("return 1", home="/no/home")


def imported_by_functions():
    """Return what functions of the engine import when they are called; types are not."""
    folder = Path(tipstaff_policy.__file__).parent
    for file in folder.rglob("*.py"):
        for function in ast.walk(ast.parse(file.read_text())):
            if isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.ImportFrom):
                        yield node.module
                    elif isinstance(node, ast.Import):
                        yield from (alias.name for alias in node.names)


OF_WINDOWS = {"msvcrt", "winreg"}
"""Modules that Python has there alone, where no such run is made."""
OF_A_QUESTION = {"spiffe", "spiffe.errors"}
"""What asking a service loads; a root run asks none (docs/adr/0048)."""


def test_nothing_is_left_to_load_once_the_rights_are_gone():
    script = "import json, sys; from tipstaff_policy.all_users.root_run import preload; preload(); print(json.dumps(list(sys.modules)))"
    loaded = set(json.loads(run([sys.executable, "-I", "-c", script]).stdout))

    assert {"jwt", "hashlib"} <= set(imported_by_functions())
    assert OF_A_QUESTION == set(imported_by_functions()) - loaded - OF_WINDOWS
