"""The plans of an account for which the client asks the service for a policy."""

import json
import re
import subprocess

import pytest

from conformance.account import IS_NEWEST_OR_LATER
from conformance.test_cloud_policy import forced, host
from support.clients.logins import chatgpt
from tipstaff_policy.clients.codex.credentials.plans import ALIASES, MANAGED_PLANS, PLANS

NEVER_SEEN = ("ent99", "edu_x", "Enterprise", "enterprise ", "self_serve_business_prolite_x")
ROUND = """
folder=$HOME/$(basename "$1" .json)
mkdir "$folder" "$folder/home"
cp $CODEX_HOME/config.toml "$folder" 2>/dev/null
cp "$1" "$folder/auth.json"
export CODEX_HOME=$folder HOME=$folder/home
mkfifo "$HOME/said"
timeout 20 %s exec --skip-git-repo-check hi >"$HOME/said" 2>&1 &
sed -E '/Logging out|Reconnecting/q' "$HOME/said" >"$HOME/told"
kill $! 2>/dev/null
grep -q 'Logging out' "$HOME/told" && basename "$1" .json
true
"""
AT_ONCE = 6


@pytest.fixture(scope="module")
def published(client, tmp_path_factory):
    """Return the plans that the client's own schema names."""
    folder = tmp_path_factory.mktemp("schema")
    words = [client, "app-server", "generate-json-schema", "--out", str(folder)]
    env = {"HOME": str(folder), "PATH": "/usr/bin:/bin"}
    subprocess.run(words, check=True, capture_output=True, env=env)
    document = json.loads((folder / "v2" / "GetAccountResponse.json").read_text())
    return tuple(document["definitions"]["PlanType"]["enum"])


def test_the_plans_are_those_that_the_client_publishes(published):
    known = PLANS if IS_NEWEST_OR_LATER else tuple(plan for plan in PLANS if plan in published)

    assert sorted(known) == sorted(published)


def test_the_plans_that_ask_the_service_are_the_clients(namespace, client, published):
    names = (*published, *ALIASES, *NEVER_SEEN)
    logins = {
        f"plan-{number}.json": chatgpt("ws-a", plan=name) for number, name in enumerate(names)
    }
    case = host([forced("api")])
    case = case._replace(home={**case.home, **logins})
    words = ["sh", "-c", f'ls $CODEX_HOME/plan-*.json | xargs -P {AT_ONCE} -n 1 sh -c "$0" sh']

    found = namespace.run([*words, ROUND % client], case)

    fetched = {names[int(re.sub(r"\D", "", part))] for part in found["out"].split()}
    assert {plan for plan in MANAGED_PLANS if plan in (*published, *ALIASES)} == fetched
