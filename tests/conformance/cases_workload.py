"""Workload identities that are chosen by halves: which variables a version knows shows there."""

from conformance.client import Case
from support.clients.logins import API_KEY
from tipstaff_policy.clients.codex.credentials.workload import WORKLOAD_VARIABLES

RULE, FILE, SOURCE, IDENTITY, AUDIENCE, ENDPOINT = WORKLOAD_VARIABLES
TOKEN = "/mnt/host/home/.codex/workload.jwt"
VARIABLES = {
    "rule alone": {RULE: "r"},
    "file alone": {FILE: TOKEN},
    "relative file": {RULE: "r", FILE: "workload.jwt"},
    "source alone": {SOURCE: "file"},
    "identity alone": {IDENTITY: "spiffe://a/b"},
    "audience alone": {AUDIENCE: "a"},
    "endpoint alone": {ENDPOINT: "unix:///nowhere/agent.sock"},
    "SPIFFE without an endpoint": {RULE: "r", SOURCE: "spiffe"},
    "another variable": {"OPENAI_WORKLOAD_IDENTITY_CONTEXT": "x"},
}
CASES = {
    name: Case(home={"auth.json": API_KEY, "workload.jwt": "a.b.c"}, env=env)
    for name, env in VARIABLES.items()
}
