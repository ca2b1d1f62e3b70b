"""The client's own `logout` works exactly where TIP311 says so."""

import json

import pytest

from conformance.cases_rules import FORCED_CHATGPT
from conformance.client import VERSION, Case
from conformance.test_agreement import WORDS
from support.clients.logins import API_KEY

BAD = 'forced_login_method = "x"\n'
NOBODY = "allowed_login_methods = []\n"
TRUSTED = '[projects."/mnt/host/cwd"]\ntrust_level = "trusted"\n'


def host(*, user="", auth=API_KEY, cwd=None, **etc):
    files = {f"{name}.toml": text for name, text in etc.items()}
    home = {"auth.json": auth, **({"config.toml": user} if user else {})}
    return Case(etc=files, home=home, cwd={".codex/config.toml": cwd} if cwd else {})


CASES = {
    "nothing configured": host(),
    "violates a forced key": host(managed_config=FORCED_CHATGPT),
    "hidden by a requirement": host(requirements='allowed_login_methods = ["chatgpt"]\n'),
    "garbage document": host(auth="{", managed_config=FORCED_CHATGPT),
    "bad value of the user's": host(user=BAD),
    "bad value that is beaten": host(user=BAD, managed_config=FORCED_CHATGPT),
    "bad TOML in the managed file": host(managed_config="forced_login_method = \n"),
    "bad requirements": host(requirements='allowed_login_methods = "chatgpt"\n'),
    "no method": host(requirements=NOBODY),
    "methods that contradict": host(
        requirements='allowed_login_methods = ["api"]\n', managed_config=FORCED_CHATGPT
    ),
    "old form of a profile": host(user='profile = "x"\n'),
    "bad value of a trusted project": host(user=TRUSTED, cwd=BAD),
    "bad value of a project that nobody trusts": host(cwd=BAD),
}


@pytest.mark.parametrize("name", CASES)
def test_the_log_out_works_where_the_check_passes(name, namespace, client):
    case = CASES[name]

    done = namespace.run([client, "logout"], case)
    audit = namespace.run([*WORDS, "--select", "TIP311"], case, audit=True)

    works = (done["code"] == 0, "auth.json" not in done["left"])
    (finding,) = json.loads(audit["out"])["findings"]
    assert (finding["status"] == "pass",) * 2 == works, (VERSION, done["err"], finding)
