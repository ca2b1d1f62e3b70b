"""A root run over 50 homes against single runs of the same process, in this run.

All do the same for each home: a dry run of enforcement, by what is loaded already. The root run
gives each user a process of its own, with that user's rights and bounds (ADR 0022), so the bar is
against single runs that have a plain child process each; runs without one are shown too. Made-up
users live in a private mount namespace, so only root can run this. The least processor time of the
rounds counts, that of the children with it.
"""

import json
import os
import resource
import sys
import tempfile
from pathlib import Path

from tipstaff_policy.all_users.root_run import preload, run_for_users
from tipstaff_policy.clients import load_client
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.model.request import Request

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from support.machines.local_users import PLACES, Machine  # noqa: E402

HOMES, FEW, ROUNDS = 50, 5, 5
BAR, MEMORY_BAR = 1.5, 1.1
FIRST_UID = 63000
IN_ONE, IN_CHILDREN, AS_ROOT = "in one process", "in a plain child each", "root run"
RULE = 'forced_login_method = "chatgpt"\n'


def judge_as_asked(adapter, request):
    """Return how a dry run ends for one user."""
    asked = request.read_with(personal_rules=False, lean=True)
    return str(enforce_all(adapter, asked, dry_run=True, lock_timeout_s=1).exit_code)


def judge_in_child(adapter, request):
    """Return the same, found by a plain child of this process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, judge_as_asked(adapter, request).encode())
        os._exit(0)
    os.close(writing)
    found = os.read(reading, 16).decode()
    os.close(reading)
    os.waitpid(child, 0)
    return found


def used_s():
    """Return the processor time of this process and of the children that have ended."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    found = [resource.getrusage(kind) for kind in kinds]
    return sum(usage.ru_utime + usage.ru_stime for usage in found)


def measure(home_names):
    """Print what both ways take, as JSON; runs inside of the namespace."""
    adapter = load_client("codex")
    request = Request(dict(os.environ), "/", 0, client_version="0.169.0")
    own = [
        request._replace(env={"HOME": f"/home/{name}", "USER": name, "PATH": os.environ["PATH"]})
        for name in home_names
    ]

    def run_as_root():
        run = run_for_users([(adapter, request)], tuple(home_names), judge_as_asked)
        return [turn.text for turn in run.turns]

    ways = {
        IN_ONE: lambda: [judge_as_asked(adapter, asked) for asked in own],
        IN_CHILDREN: lambda: [judge_in_child(adapter, asked) for asked in own],
        AS_ROOT: run_as_root,
    }
    preload()
    found = {way: [] for way in ways}
    for _ in range(ROUNDS):
        for way, judge_all in ways.items():
            begun = used_s()
            codes = judge_all()
            found[way].append(used_s() - begun)
            assert codes == ["11"] * len(own), (way, codes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"peak_mb": peak, **{way: min(taken) for way, taken in found.items()}}))


def make_machine(folder):
    """Return a machine with made-up users, each signed in with a key that its rule forbids."""
    machine = Machine(folder)
    for place in PLACES:
        (machine.folder / place).mkdir(mode=0o755)
    accounts = ("root:x:0:0::/root:/bin/sh", "nobody:x:65534:65534::/:/usr/sbin/nologin")
    (machine.folder / "etc/passwd").write_text("".join(f"{line}\n" for line in accounts))
    names = [f"user{number}" for number in range(HOMES)]
    for number, name in enumerate(names):
        machine.add(name, FIRST_UID + number)
    machine.rule(RULE)
    machine.sign_in(*names)
    return machine, names


def main():
    if os.getuid() != 0:
        print("error: only root can act for other users", file=sys.stderr)
        return 2
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        machine, names = make_machine(folder)
        for count in (FEW, HOMES):
            words = [sys.executable, "-I", __file__, "--inside", *names[:count]]
            done = machine.run(*words)
            if done.returncode:
                print(done.stderr, file=sys.stderr)
                return 1
            found[count] = json.loads(done.stdout)
    print(f"{'':28}{'homes':>6}{'processor ms':>14}{'x in children':>15}")
    for count, taken in found.items():
        for way in (IN_ONE, IN_CHILDREN, AS_ROOT):
            ratio = taken[way] / taken[IN_CHILDREN]
            print(f"{way:28}{count:6}{taken[way] * 1000:14.0f}{ratio:15.2f}")
    growth = found[HOMES]["peak_mb"] / found[FEW]["peak_mb"]
    print(
        f"peak MB: {found[FEW]['peak_mb']:.1f} for {FEW}, {found[HOMES]['peak_mb']:.1f} for {HOMES}"
    )
    held = ratio <= BAR and growth <= MEMORY_BAR
    print(f"bars: root run {BAR:g} x, memory {MEMORY_BAR:g} x: {'held' if held else 'MISSED'}")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(measure(sys.argv[2:]) if sys.argv[1:2] == ["--inside"] else main())
