"""`make` says what there is: first what a user needs, then what changes Tipstaff itself."""

import re
from pathlib import Path

from support.machines.hosts import run

ROOT = Path(__file__).resolve().parent.parent.parent


def sections():
    message = run(["make", "-C", ROOT, "--no-print-directory", "help"]).stdout
    return [re.findall(r"^([a-z-]+)  +\S", part, re.MULTILINE) for part in message.split("\n\n")]


def test_the_targets_of_users_stand_apart_from_those_of_developers():
    users, developers = sections()

    assert [
        "help",
        "demo",
        "examples",
        "example-fleet",
        "wheel",
        "zipapp",
        "standalone",
        "mac",
        "deb",
        "rpm",
        "windows",
        "msi",
    ] == users
    assert {"test", "lint", "golden", "verdicts", "campaign"} <= {*developers}


def test_every_target_with_a_description_is_listed_once():
    described = re.findall(
        r"^([a-z-]+):.* (?:##|#-) ", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    users, developers = sections()

    assert sorted(described) == sorted([*users, *developers])


def test_what_make_test_leaves_out_is_run_by_other_targets_and_ci_runs_them_all():
    makefile, ci = ((ROOT / name).read_text() for name in ("Makefile", ".ci/run"))
    recipes = dict(re.findall(r"^(test[a-z-]*):.*\n\t@(.*)", makefile, re.MULTILINE))

    assert recipes["test"].endswith('$(PYTEST) -m "not rest"')
    assert recipes["test-rest"].endswith("$(PYTEST) -m rest")
    assert recipes["test-table"].startswith("TIPSTAFF_HOSTS=rest ")
    assert ["test", "test-rest", "test-table", "test-engines", "test-systemd"] == re.findall(
        r"^make (test[a-z-]*) 2>", ci, re.MULTILINE
    )
