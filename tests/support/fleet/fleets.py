"""Reports of a fleet: those of example hosts, as many other users and hosts would have made them."""

import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from example_hosts import EXPECTED, copy_host
from hypothesis import strategies as st
from pydantic import TypeAdapter

from support.artefacts.policies import ROOT, waiver
from support.machines.judged_hosts import report_of
from tipstaff_fleet.ingest.documents import Accepted, Reader
from tipstaff_fleet.ingest.template import read_marks
from tipstaff_fleet.simulation.batches import Simulator
from tipstaff_fleet.simulation.judging import Person
from tipstaff_policy.assessment.policy_loading import draft_of
from tipstaff_policy.assessment.simulation import Shipment
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.state import HostState
from tipstaff_policy.organisation.parsing import File
from tipstaff_reports import json_report
from tipstaff_schemas.values import DecisionJson

CODEX = load_client("codex")
DAY = 86_400
AT = 1_830_000_000
"""The moment that is asked about: after every report."""
SEEN = 1_800_000_000
MINE, YOURS, ALLOWED = (f"0f8fad5b-d9cb-469f-a165-70867728950{n}" for n in (1, 2, 3))
"""Ids of workspaces."""
HOSTS = (
    "api-key-under-chatgpt-only",
    "broken-credential",
    "compliant-chatgpt",
    "no-workspace-claim",
    "policy-deployed",
    "project-not-trusted",
    "residue-beside-memory-store",
    "second-client-folder",
    "store-overridden",
    "unmanaged",
    "user-policy-beaten",
    "wrong-workspace",
)
METHODS = 'login_methods = ["chatgpt"]\n'
WORKSPACE = f'workspaces = [{{ id = "{ALLOWED}" }}, {{ id = "ws-example" }}]\n'
SCOPE = '[[scopes]]\nname = "ci"\nhosts = ["ci-*"]\non_violation = "report"\n'
POLICIES = {
    "methods": METHODS,
    "workspaces": METHODS + WORKSPACE,
    "an age": METHODS + 'longest_age = "30d"\n',
    "half of the hosts": METHODS + 'enforce_from = 2026-01-01\ncohort = "50%"\n',
    "some hosts": METHODS + WORKSPACE + SCOPE,
    "a host waived": METHODS + waiver(check='"TIP101"', host='"lap-2"', expires="2099-01-01"),
    "users waived": METHODS
    + WORKSPACE
    + waiver(check='"TIP102"', user='"a*"', expires="2099-01-01"),
    "a group waived": METHODS
    + SCOPE
    + waiver(check='"TIP101"', group='"ci"', host='"*"', expires="2099-01-01"),
    "a waiver that has ended": METHODS
    + waiver(check='"TIP101"', host='"lap-2"', expires="2026-12-01"),
}


class Life(NamedTuple):
    """What differs between users whose hosts are set up alike; times in seconds since 1970."""

    home: str = "/home/ada"
    user: str = "ada"
    host: str = "lap-1"
    host_id: str | None = "1" * 64
    uid: int = 1000
    workspace: str = MINE
    seen: int = SEEN
    refreshed: int = SEEN - DAY
    expires: int = SEEN + DAY
    fingerprint: str | None = None


AGES = (0, 8 * DAY, 30 * DAY)
NEAR = st.sampled_from([moment - age + by for moment in (SEEN, AT) for age in AGES for by in (-1, 0, 1)])  # fmt: skip
TIMES = NEAR | st.integers(SEEN - 90 * DAY, AT + 90 * DAY)
LIVES = st.builds(
    Life,
    home=st.sampled_from(["/home/ada", "/home/adalbert", "/root", "/Users/Zoë", "/home/a b"]),
    user=st.sampled_from(["ada", "root", "zoë"]),
    host=st.sampled_from(["lap-1", "lap-2", "ci-1", "CI-2"]),
    host_id=st.sampled_from([None, "1" * 64, "2" * 64, "3" * 64]),
    uid=st.sampled_from([0, 1000, 100_234]),
    workspace=st.sampled_from([MINE, YOURS, ALLOWED]),
    seen=st.sampled_from([SEEN, SEEN + 1, AT - 1, AT, AT + 1]),
    refreshed=TIMES,
    expires=TIMES,
    fingerprint=st.sampled_from([None, "ab" * 32, "cd" * 32]),
)


@cache
def _example(name: str) -> str:
    with TemporaryDirectory() as folder:
        root = copy_host(name, Path(folder))
        report = report_of(root, platform=EXPECTED[name].get("platform", "linux"))
        return json_report.line(report).replace(f"{root}/", "/").replace(str(root), "/")


def report(
    name: str,
    life: Life,
    *,
    run: str = "r",
    trusts: str = "",
    ended: int = SEEN,
    image: str | None = None,
) -> bytes:
    """Return the report that a user would have made; its decision is made again.

    Args:
        name: The example host that theirs is like.
        life: What is their own.
        run: The id of the run.
        trusts: The digest of the user's own file.
        ended: When the run ended, in seconds since 1970.
        image: The tree that was judged, where it was no live host.
    """
    text = _example(name).replace("/home/dev", life.home)
    document = json.loads(text)
    _live(document["state"], life, trusts)
    document["state"]["system_root"] = document["run"]["system_root"] = image
    document["run"]["finished_at"] = datetime.fromtimestamp(ended, tz=UTC).isoformat()
    host = document["run"]["host"]
    host["id"], host["name"], document["run"]["user"] = life.host_id, life.host, life.user
    document["run"]["id"] = run
    state = TypeAdapter(HostState).validate_json(json.dumps(document["state"]))
    decision = TypeAdapter(DecisionJson).dump_json(CODEX.decide(state))
    document["decision"] = json.loads(decision)
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


def _live(node, life, trusts):
    """Put what is a user's own into a state."""
    own = {
        "evaluated_at": life.seen,
        "last_refresh": life.refreshed,
        "expires_at": life.expires,
        "owner": life.uid,
        "owner_expected": life.uid,
    }
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if isinstance(value, dict | list):
            _live(value, life, trusts)
        elif key in own and value is not None:
            node[key] = own[key]
        elif key == "fingerprint":
            node[key] = life.fingerprint
        elif key == "sha256" and trusts and value is not None:
            node[key] = trusts
        elif value == "ws-private":
            node[key] = life.workspace


class Kept(NamedTuple):
    """A user as a store keeps one."""

    person: Person
    template: str

    @property
    def marks(self):
        """Return what the template's marks stand for."""
        return read_marks(self.person.marks)


def kept(data: bytes) -> Kept:
    """Return a user as a store keeps one."""
    (found,) = Reader(AT).read(data)
    assert isinstance(found, Accepted), found
    row = found.row
    person = Person(
        row.state_id, row.state_marks, row.host_id, row.host_name, row.user_name, row.client
    )
    return Kept(person, found.template)


def shipment(text: str, *, at: int = AT, files: bool = True) -> Shipment:
    """Return what is shipped of a policy's text."""
    policy = draft_of(File("policy.toml", (ROOT + text).encode(), root=True), None).policy
    return Shipment(policy, CODEX.deployment().files_of(policy) if files else (), at)


def simulator(text: str, *, at: int = AT, files: bool = True) -> Simulator:
    """Return what judges users by a policy's text."""
    return Simulator({"codex": shipment(text, at=at, files=files)})
