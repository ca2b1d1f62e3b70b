"""What Tipstaff acts on hangs on nothing that the user writes but the credential itself."""

import json
import os
import shutil
import tempfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.clients.logins import API_KEY, BEDROCK, chatgpt
from support.machines.hosts import FORCED_CHATGPT, make_host
from tipstaff_policy.assessment.compliance import comply
from tipstaff_policy.assessment.inspection import inspect_host
from tipstaff_policy.assessment.remedies import to_settle
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.model.state import ServiceAnswer
from tipstaff_schemas.values import as_json, state_from_json

CODEX = load_client("codex")
ALLOWED = 'allowed_login_methods = ["chatgpt"]\n'
WS_A = 'forced_chatgpt_workspace_id = "ws-a"\n'
POLICY = 'schema = 1\nid = "x"\nversion = "1"\n'

LOGINS = st.sampled_from(
    (None, API_KEY, BEDROCK, "{}", "{}x", "[]", chatgpt("ws-a"), chatgpt("ws-z"), chatgpt(None))
)
ADMINISTRATORS = st.fixed_dictionaries(
    {
        "managed": st.sampled_from((None, FORCED_CHATGPT, WS_A, "x = [\n", "model = 5\n")),
        "requirements": st.sampled_from(
            (
                None,
                ALLOWED,
                'allowed_chatgpt_workspaces = ["ws-a"]\n',
                "allowed_login_methods = []\n",
                f"{ALLOWED}x = {1 << 65}\n",
            )
        ),
        "system": st.sampled_from((None, 'forced_login_method = "api"\n')),
    }
)
ORGANISATION = st.sampled_from(
    (
        None,
        'login_methods = ["chatgpt"]\n',
        'workspaces = [{ id = "ws-a", name = "A" }]\n',
        "x = 1\n",
    )
)
PERSONAL = st.one_of(
    st.none(),
    st.sampled_from(
        (
            "x = [\n",
            "a = = 1\n",
            'forced_login_method = "api"\n',
            "forced_chatgpt_workspace_id = []\n",
            'cli_auth_credentials_store = "ephemeral"\n',
            'cli_auth_credentials_store = "keyring"\n',
            'default_permissions = "mine"\n[permissions.mine]\nextends = ":workspace"\n',
            '[agents]\ndefault_subagent_model = "m"\n',
            "model = 5\n",
            "\ufeffforced_login_method = 5\n",
        )
    ),
    st.binary(max_size=60),
)
FLAGS = st.lists(
    st.sampled_from(
        (
            "forced_login_method=api",
            'cli_auth_credentials_store="ephemeral"',
            "=x",
            "features.secret_auth_storage=true",
            "forced_chatgpt_workspace_id=[]",
        )
    ),
    max_size=2,
)
VERSIONS = st.sampled_from(
    ("0.130.0", "0.146.0", "0.150.0", "0.160.0", "0.169.0", "0.999.0", "0.1")
)
ENTRY_POINTS = st.sampled_from(("exec", "interactive", "app-server", "status"))
PERSONS = st.fixed_dictionaries(
    {
        "user": PERSONAL,
        "profile": PERSONAL,
        "overrides": FLAGS,
        "version": VERSIONS,
        "entry_point": ENTRY_POINTS,
        "lock": st.sampled_from((None, "file", "link", "folder")),
    }
)
CALM = {"user": None, "profile": None, "overrides": [], "version": "0.169.0", "entry_point": "exec", "lock": None}  # fmt: skip


def looked_at(folder, administrators, organisation, login, person):
    """Lay out a host, and return what one look sees of it."""
    root = make_host(folder, auth=login, user=person["user"], **administrators)
    home = root / "home/dev/.codex"
    if person["profile"] is not None:
        profile = person["profile"]
        content = profile if isinstance(profile, bytes) else profile.encode()
        (home / "work.config.toml").write_bytes(content)
    lock = home / "auth.lock"
    {"file": lock.touch, "folder": lock.mkdir, "link": lambda: lock.symlink_to("gone")}.get(
        person["lock"], lambda: None
    )()
    if organisation is not None:
        (root / "etc/tipstaff").mkdir()
        (root / "etc/tipstaff/policy.toml").write_text(POLICY + organisation)
    request = Request(
        {},
        "/",
        2_000_000_000,
        person["version"],
        str(root),
        overrides=tuple(person["overrides"]),
        entry_point=person["entry_point"],
        profile="work" if person["profile"] is not None else None,
        options=ReadOptions(detail="all"),
    )
    return inspect_host(CODEX, request).state


def judged(state):
    return comply(state, CODEX.by_administrators)


@given(ADMINISTRATORS, ORGANISATION, LOGINS, PERSONS)
def test_no_personal_layer_flag_version_entry_point_or_lock_changes_it(
    administrators, organisation, login, person
):
    with tempfile.TemporaryDirectory() as folder:
        host = f"{folder}/host"
        calm = judged(looked_at(host, administrators, organisation, login, CALM))
        shutil.rmtree(host)

        assert calm == judged(looked_at(host, administrators, organisation, login, person))


@given(ADMINISTRATORS, ORGANISATION, LOGINS, PERSONS)
def test_the_state_of_a_report_gives_it_again(administrators, organisation, login, person):
    with tempfile.TemporaryDirectory() as folder:
        state = looked_at(f"{folder}/host", administrators, organisation, login, person)

    again = state_from_json(json.loads(json.dumps(as_json(state))))

    assert (judged(state), CODEX.decide(state)) == (judged(again), CODEX.decide(again))


@given(ADMINISTRATORS, ORGANISATION, LOGINS)
def test_a_lean_look_judges_like_a_full_one(administrators, organisation, login):
    with tempfile.TemporaryDirectory() as folder:
        full = looked_at(f"{folder}/host", administrators, organisation, login, CALM)
        request = Request(
            {},
            "/",
            2_000_000_000,
            None,
            f"{folder}/host",
            options=ReadOptions(detail="all", lean=True),
        )

        assert judged(full) == judged(inspect_host(CODEX, request).state)


@given(ADMINISTRATORS, ORGANISATION, LOGINS, PERSONS)
def test_only_what_violates_is_removed(administrators, organisation, login, person):
    with tempfile.TemporaryDirectory() as folder:
        found = judged(looked_at(f"{folder}/host", administrators, organisation, login, person))

    violating = {
        credential.source for credential in found.credentials if credential.verdict == "violates"
    }
    assert violating == {*found.removes, *found.variables}


UNREADABLE = ("{}x", "[]", "", '{"auth_mode": "sso"}')


@pytest.mark.parametrize("login", UNREADABLE)
def test_a_login_that_cannot_be_read_never_complies_under_a_rule(login, tmp_path):
    state = looked_at(tmp_path / "h", {"managed": FORCED_CHATGPT}, None, login, CALM)

    assert "cannot_tell" == judged(state).verdict


@pytest.mark.parametrize("version", ["0.130.0", "0.135.0", "0.146.0", "0.171.0", None])
@pytest.mark.parametrize("odd", [f"{ALLOWED}x = {1 << 65}\n", "a pipe"])
def test_a_file_that_an_old_client_reads_otherwise_is_judged_as_the_newest_reads_it(
    odd, version, tmp_path
):
    rules = {"requirements": None if odd == "a pipe" else odd}
    root = make_host(tmp_path / "h", auth=API_KEY, **rules)
    if odd == "a pipe":
        os.mkfifo(root / "etc/codex/requirements.toml")
    asked = Request({}, "/", 2_000_000_000, version, str(root), options=ReadOptions(detail="all"))

    state = inspect_host(CODEX, asked).state
    lean = inspect_host(CODEX, asked.read_with(lean=True)).state

    assert judged(lean) == judged(state) == judged(state_from_json(as_json(state)))
    assert ["refuse"] == [fault.effect for fault in judged(state).faults]


TOKEN = json.dumps({"personal_access_token": "at-made-up"})
AGENT = {
    "agent_runtime_id": "r",
    "agent_private_key": "made-up",
    "account_id": "ws-a",
    "chatgpt_user_id": "u",
    "email": "e@example.com",
    "plan_type": "pro",
    "chatgpt_account_is_fedramp": False,
}
BY_CLIENT = ({"managed": WS_A}, None)
BY_ORGANISATION = ({}, 'workspaces = [{ id = "ws-a", name = "A" }]\n')


def said(workspace, fault=""):
    return (ServiceAnswer("file", workspace, "https://service.example", fault),)


@pytest.mark.parametrize("rules", [BY_CLIENT, BY_ORGANISATION])
@pytest.mark.parametrize(
    ("identities", "verdict", "removes"),
    [
        ((), "cannot_tell", ()),
        (said(None, "no answer"), "cannot_tell", ()),
        (said("ws-a"), "complies", ()),
        (said("ws-b"), "violates", ("file",)),
        ((said("ws-a")[0]._replace(source="keyring"),), "cannot_tell", ()),
    ],
)
def test_whose_a_token_is_the_service_says_and_the_state_keeps_it(
    identities, verdict, removes, rules, tmp_path
):
    state = looked_at(tmp_path / "h", *rules, TOKEN, CALM)._replace(identities=identities)

    found = judged(state_from_json(as_json(state)))

    assert verdict == found.verdict
    assert removes == found.removes
    assert ("no answer" in found.reason) == (identities == said(None, "no answer"))


@pytest.mark.parametrize("library", [True, False])
def test_what_only_the_full_program_could_ask_is_left_to_it(library, tmp_path):
    identity = ServiceAnswer("file", None, "", "made up", needs_library=library)
    state = looked_at(tmp_path / "h", *BY_CLIENT, TOKEN, CALM)._replace(identities=(identity,))

    found = judged(state_from_json(as_json(state)))

    assert [library] == [credential.needs_library for credential in found.credentials]


def test_what_has_to_be_installed_to_ask_is_a_part_of_the_remedy(tmp_path):
    identity = ServiceAnswer("file", None, "", "made up", missing="made-up[extra]")
    state = looked_at(tmp_path / "h", *BY_CLIENT, TOKEN, CALM)._replace(identities=(identity,))

    done = to_settle(state, judged(state), "sign in")

    assert done.startswith("ask the administrators of this machine to install made-up[extra]; or ")


@pytest.mark.parametrize("rules", [BY_CLIENT, BY_ORGANISATION])
@pytest.mark.parametrize(("workspace", "verdict"), [("ws-a", "complies"), ("ws-b", "violates")])
def test_the_record_of_an_agent_states_its_workspace(workspace, verdict, rules, tmp_path):
    identity = {**AGENT, "account_id": workspace}
    login = json.dumps({"auth_mode": "agentIdentity", "agent_identity": identity})

    assert verdict == judged(looked_at(tmp_path / "h", *rules, login, CALM)).verdict


def test_what_the_service_says_changes_nothing_of_another_login(tmp_path):
    state = looked_at(tmp_path / "h", {"managed": WS_A}, None, chatgpt("ws-b"), CALM)

    assert judged(state) == judged(state._replace(identities=said("ws-a")))
