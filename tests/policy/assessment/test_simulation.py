"""A simulation says what happens when the policy is really there; what it cannot know is unknown."""

import plistlib
import shutil
import time
from base64 import b64encode
from datetime import UTC, datetime

import pytest
from example_hosts import EXPECTED, HERE, copy_host, hosts_of

from support.artefacts.policies import KEY, ROOT, waiver
from support.clients.logins import chatgpt
from support.machines.hosts import FORCED_CHATGPT, audit, make_host
from support.services.signing import issuer, jwks
from tipstaff_cli.commands.policy.drafts import client_files, read_authored
from tipstaff_policy.assessment.audit import judge_all
from tipstaff_policy.assessment.policy_loading import Organisation, draft_of
from tipstaff_policy.assessment.simulation import Client, Shipment, simulate
from tipstaff_policy.assessment.simulation_subjects import Wanted, read_hosts
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.deployment.overlay import UNSEEN
from tipstaff_policy.enforcement.all_clients import enforce_all
from tipstaff_policy.errors import INCOMPLETE_EXIT, STANDING_EXITS
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.organisation.parsing import File
from tipstaff_policy.organisation.paths import FOLDERS
from tipstaff_schemas.collected import read_collected

CODEX = load_client("codex")
CLIENT = Client("codex", CODEX.decide, CODEX.by_administrators, CODEX.deployment().deploy)
POLICIES = ("every-field", "company-workspace", "soft-start")
VERSION = "0.169.0"
STANDINGS = {**STANDING_EXITS, "violates": INCOMPLETE_EXIT}
"""The exit code of a dry run, by what Tipstaff makes of a host."""


def platform_of(name):
    return EXPECTED[name].get("platform", "linux")


def put(folder, copied):
    """Lay a policy and its parts where endpoints have it, for administrators alone to write."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(copied, folder)
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o755 if place.is_dir() else 0o644)


def put_client_files(root, platform, files, way):
    places = CODEX.deployment().places[platform]
    keys = {"requirements": "requirements_toml_base64", "managed_config": "config_toml_base64"}
    if way == "profile" and platform == "macos":
        plist = root / "Library/Managed Preferences/com.openai.codex.plist"
        plist.parent.mkdir(parents=True, exist_ok=True)
        values = {keys[name]: b64encode(text.encode()).decode() for name, text in files}
        plist.write_bytes(plistlib.dumps(values))
        return
    for name, text in files:
        if name in places:
            path = root / places[name].replace("%ProgramData%", "ProgramData").replace(
                "\\", "/"
            ).lstrip("/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


def person_of(root, policy, platform, version=VERSION):
    (person,) = read_hosts(
        [str(root)], Wanted((CODEX,), Organisation(policy, ()), version, platform)
    )
    return person.subject


def really(root, policy, platform, name, shipment):
    """Return what a dry run and an audit say once everything is there."""
    folder = root / FOLDERS[platform].lstrip("/")
    put(folder, HERE / "policies" / name)
    if policy.trusted_keys:  # the example names its place on Linux
        (root / "etc/tipstaff").mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / "policies" / name / "jwks.json", root / "etc/tipstaff/jwks.json")
    put_client_files(root, platform, shipment.files, shipment.way)
    request = Request(
        env={}, cwd=str(root), now=shipment.at, client_version=VERSION, system_root=str(root), platform=platform, options=ReadOptions(detail="all"))  # fmt: skip
    ((_, judged),) = judge_all(CODEX, request, ("TIP101",))
    return enforce_all(CODEX, request, dry_run=True), judged.decision


def agreed(name, chosen, folder, *, at_once=False, policy_only=False, way="files"):
    root, platform = copy_host(name, folder), platform_of(name)
    authored = read_authored(HERE / "policies" / chosen, None)
    files = () if policy_only else client_files(authored, CODEX, at_once=at_once, now=NOW)
    shipment = Shipment(authored.policy, files, int(time.time()), way)

    simulated = simulate(person_of(root, authored.policy, platform), shipment, CLIENT)
    dry_run, audited = really(root, authored.policy, platform, chosen, shipment)

    removals = {step.store for step in dry_run.steps}
    assert STANDINGS[simulated.standing] == dry_run.exit_code
    assert {*simulated.remove, *simulated.variables} == removals
    # Only the real host shows more of a store that was not looked into.
    assert simulated.then == audited or (
        "unknown" == simulated.then.verdict and UNSEEN in simulated.then.reason
    )


WAYS = {
    "policy alone": {"policy_only": True},
    "as it is rendered": {},
    "all at once": {"at_once": True},
}


@pytest.mark.parametrize("name", hosts_of("codex"))
@pytest.mark.parametrize("chosen", POLICIES)
@pytest.mark.parametrize("shipped", WAYS)
def test_a_simulation_agrees_with_the_policy_really_put_there(name, chosen, shipped, tmp_path):
    agreed(name, chosen, tmp_path, **WAYS[shipped])


@pytest.mark.parametrize(
    "name", [name for name in hosts_of("codex") if platform_of(name) == "macos"]
)
@pytest.mark.parametrize("chosen", POLICIES)
def test_a_simulated_profile_agrees_with_the_preferences_really_put_there(name, chosen, tmp_path):
    agreed(name, chosen, tmp_path, at_once=True, way="profile")


METHODS = 'login_methods = ["chatgpt"]\n'
NOW = int(time.time())
DAY = 86400
REFRESHED = int(datetime(2026, 11, 24, tzinfo=UTC).timestamp())


def simulated(root, text, *, keys=None, at=None, at_once=True, subject=None):
    organisation = draft_of(File("policy.toml", (ROOT + text).encode(), root=True), keys)
    subject = subject or person_of(root, organisation.policy, "linux")
    files = CODEX.deployment().files_of(organisation.policy) if at_once else ()
    return simulate(subject, Shipment(organisation.policy, files, at or NOW), CLIENT)


def subject_of(root, text=""):
    return person_of(root, draft_of(File("p", (ROOT + text).encode(), root=True)).policy, "linux")


OUTCOME_CASES = {
    "a key": ({}, METHODS, ("log_out", True, "allow", "log_out", "violates")),
    "a key that is forbidden already": (
        {"managed": FORCED_CHATGPT},
        METHODS,
        ("log_out", False, "log_out", "log_out", "violates"),
    ),
    "a start that lies ahead": (
        {},
        f"enforce_from = 2098-01-01\n{METHODS}",
        ("warned", True, "allow", "allow", "warned"),
    ),
    "nothing is said yet": (
        {},
        f"warn_from = 2098-01-01\n{METHODS}",
        ("left_alone", False, "allow", "allow", "complies"),
    ),
    "a waiver, which the client does not know": (
        {},
        METHODS + waiver(check='"TIP101"', expires="2098-01-01"),
        ("log_out", True, "allow", "log_out", "complies"),
    ),
    "nobody may sign in": (
        {},
        "login_methods = []\n",
        ("refused", True, "allow", "refuse", "refused"),
    ),
    "the login is kept nowhere": (
        {},
        'stores = ["ephemeral"]\n',
        ("log_out", True, "allow", "not_logged_in", "complies"),
    ),
    "a store that nobody looked into": (
        {},
        'stores = ["keyring"]\n',
        ("unknown", True, "allow", "unknown", "complies"),
    ),
    "a configuration that stops the client": (
        {"user": "= \n"},
        METHODS,
        ("log_out", True, "refuse", "refuse", "violates"),
    ),
    "a personal rule": (
        {"user": FORCED_CHATGPT},
        "",
        ("log_out", False, "log_out", "log_out", "complies"),
    ),
    "nobody is signed in": (
        {"auth": None},
        METHODS,
        ("left_alone", False, "not_logged_in", "not_logged_in", "complies"),
    ),
}


@pytest.mark.parametrize(("host", "text", "expected"), OUTCOME_CASES.values(), ids=OUTCOME_CASES)
def test_what_becomes_of_a_person(host, text, expected, tmp_path):
    ships = "_from" not in text

    found = simulated(make_host(tmp_path / "host", **host), text, at_once=ships)

    assert expected == (
        found.outcome,
        found.is_new,
        found.now.verdict,
        found.then.verdict,
        found.standing,
    )


def test_what_is_lost_is_named(tmp_path):
    text = 'workspaces = [{ id = "ws-b" }]\n'

    found = simulated(make_host(tmp_path / "host", auth=chatgpt("ws-a")), text)

    assert "log_out" == found.outcome
    assert "chatgpt" == found.method
    assert "ws-a" == found.workspace
    assert ("file",) == found.remove


def test_a_login_that_is_too_old_only_by_then_may_be_refreshed_until_then(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"))
    state = subject_of(root).states[0]._replace(evaluated_at=REFRESHED + 10 * DAY)
    subject = subject_of(root)._replace(states=(state,))
    ages = {
        days: simulated(root, 'longest_age = "30d"\n', at=REFRESHED + days * DAY, subject=subject)
        for days in (20, 40)
    }
    old = subject._replace(states=(state._replace(evaluated_at=REFRESHED + 40 * DAY),))

    still = simulated(root, 'longest_age = "30d"\n', at=REFRESHED + 50 * DAY, subject=old)

    assert ["left_alone", "unknown", "log_out"] == [
        ages[20].outcome,
        ages[40].outcome,
        still.outcome,
    ]


def test_a_signature_that_nobody_judged_by_these_keys_is_unknown(tmp_path):
    keys, text = jwks(issuer("ours").jwk()).encode(), 'trusted_keys = "/etc/tipstaff/keys.json"\n'
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"))

    judged = simulated(root, text, keys=keys)
    collected = simulated(root, text, keys=keys, subject=subject_of(root))
    key = simulated(make_host(tmp_path / "other"), text, keys=keys)

    assert ["log_out", "unknown", "left_alone"] == [judged.outcome, collected.outcome, key.outcome]


def test_signatures_that_were_judged_count_no_more_without_keys(tmp_path):
    subject = subject_of(make_host(tmp_path / "host", auth=chatgpt("ws-a")))
    state = subject.states[0]
    (credential,) = state.credentials
    unsigned = credential._replace(content=credential.content._replace(signature="not verified"))
    subject = subject._replace(states=(state._replace(credentials=(unsigned,)),), judged_by=("k",))

    assert "left_alone" == simulated(None, "", subject=subject).outcome


def test_a_report_that_this_release_would_not_write_is_unknown(tmp_path):
    subject = subject_of(make_host(tmp_path / "host"))
    decided = CODEX.decide(subject.states[0])

    outcomes = [
        simulated(None, "", subject=subject._replace(decided=decision)).outcome
        for decision in (decided, decided._replace(verdict="not_logged_in"))
    ]

    assert ["left_alone", "unknown"] == outcomes


def test_pasted_waivers_that_nobody_verified_leave_it_open(tmp_path):
    root = make_host(tmp_path / "host")
    subject = subject_of(root)._replace(unverified_waivers=True)

    outcomes = [
        simulated(root, METHODS + keys, at_once=False, subject=subject).outcome
        for keys in ("", f'waiver_keys = ["{KEY}"]\n')
    ]

    assert ["log_out", "unknown"] == outcomes


def test_of_several_clients_the_worst_counts(tmp_path):
    root = make_host(tmp_path / "host")
    nothing = draft_of(File("p", ROOT.encode(), root=True)).policy
    new, old = (person_of(root, nothing, "linux", version) for version in (VERSION, "0.130.0"))
    both = new._replace(states=(*new.states, *old.states))

    found = [simulated(root, "login_methods = []\n", subject=subject) for subject in (new, both)]

    # The old one passes over the requirement and would start, which is new for its user.
    assert [("refused", VERSION), ("refused", "0.169.0")] == [(e.outcome, e.version) for e in found]


def test_trust_in_projects_that_would_go_away_is_unknown(tmp_path):
    trusting = '[projects."/x"]\ntrust_level = "trusted"\n'
    root = make_host(tmp_path / "host", auth=chatgpt(), managed=trusting)

    found = simulated(root, METHODS)

    assert "unknown" == found.outcome
    assert "allow" == found.now.verdict
    assert "says which projects are trusted" in found.why


def test_a_report_is_simulated_like_the_host_that_it_tells_of(tmp_path):
    for name in ("wrong-workspace", "compliant-chatgpt", "malformed-policy", "old-client"):
        root = copy_host(name, tmp_path)
        authored = read_authored(HERE / "policies/company-workspace", None)
        shipment = Shipment(
            authored.policy, client_files(authored, CODEX, at_once=False, now=NOW), NOW
        )
        done = audit(root, "--format", "json")
        ((collected),) = read_collected(done.stdout.encode())

        of_host = simulate(person_of(root, authored.policy, "linux"), shipment, CLIENT)

        assert of_host == simulate(collected.subject, shipment, CLIENT)


@pytest.mark.parametrize("name", ["macos-forced", "macos-not-forced"])
def test_a_profile_replaces_all_that_device_management_set(name, tmp_path):
    policy = tmp_path / "policy"
    policy.mkdir()
    (policy / "policy.toml").write_text(ROOT + 'login_methods = ["api", "chatgpt"]\n')

    agreed(name, policy, tmp_path, way="profile")
