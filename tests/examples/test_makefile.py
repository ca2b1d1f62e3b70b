"""`make` says what there is: first what a user needs, then what changes Tipstaff itself."""

import re
from pathlib import Path

from hosts import run

ROOT = Path(__file__).resolve().parent.parent.parent


def sections():
    message = run(["make", "-C", ROOT, "--no-print-directory", "help"]).stdout
    return [re.findall(r"^([a-z-]+)  +\S", part, re.MULTILINE) for part in message.split("\n\n")]


def test_the_targets_of_users_stand_apart_from_those_of_developers():
    users, developers = sections()

    assert ["help", "demo", "wheel", "zipapp", "standalone", "deb", "rpm"] == users
    assert {"test", "lint", "golden", "verdicts", "campaign"} <= {*developers}


def test_every_target_with_a_description_is_listed_once():
    described = re.findall(
        r"^([a-z-]+):.* (?:##|#-) ", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    users, developers = sections()

    assert sorted(described) == sorted([*users, *developers])
