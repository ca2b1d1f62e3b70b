"""No secret, and no part of one, leaves the process: canaries in every place a secret can lie."""

import itertools
import json
import os

import pytest

from cli.test_watch import watching
from support.clients.installed_clients import install as install_client
from support.clients.logins import AUTH, base64url, chatgpt, token
from support.machines.hosts import (
    BIN,
    VERSION,
    credential,
    live_guard,
    make_host,
    run,
    run_guard,
    tipstaff,
)
from support.machines.local_users import NEEDS_ROOT, UIDS
from support.machines.setups import WORDS, make_tree
from support.services.keyrings import keyring
from support.services.signing import issuer, jwks
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.system.file_walk import Limits, Scope
from tipstaff_reports.analysis.contradictions import contradictions
from tipstaff_reports.formats import MODULES
from tipstaff_schemas.saved import read_saved

__all__ = ["keyring"]
CANARIES = [f"canary{number:02d}secretsecretsecretsecretsecretsecret" for number in range(12)]
KEY, IDENTITY, ACCESS, REFRESH, PERSONAL, AGENT, BEDROCK, AWS, SESSION, UNKNOWN, VARIABLE, MAIL = (
    CANARIES
)


def signed(canary, workspace="ws-a"):
    claims = {
        "email": f"{MAIL}@example.com",
        AUTH: {"chatgpt_account_id": workspace, "chatgpt_user_id": canary},
    }
    return token(claims, signature=base64url(canary.encode()))


DOCUMENTS = {
    "key": {"auth_mode": "apikey", "OPENAI_API_KEY": KEY, "other": UNKNOWN},
    "ChatGPT": {
        "OPENAI_API_KEY": None,
        "tokens": {
            "id_token": signed(IDENTITY),
            "access_token": signed(ACCESS),
            "refresh_token": REFRESH,
        },
        "last_refresh": "2026-11-24T00:00:00Z",
        UNKNOWN: UNKNOWN,
    },
    "personal token": {"personal_access_token": PERSONAL},
    "agent": {"auth_mode": "agentIdentity", "agent_identity": {"private_key": AGENT}},
    "Bedrock": {"bedrock_api_key": {"api_key": BEDROCK, "region": "r"}},
    "AWS": {
        "bedrock_access_keys": {
            "access_key_id": AWS,
            "secret_access_key": AWS,
            "region": "r",
            "session_token": SESSION,
        }
    },
    "shapes all wrong": {"OPENAI_API_KEY": [KEY], "tokens": {"id_token": ACCESS}},
    "mode is a key": {"auth_mode": KEY},
    "time is a token": {"tokens": None, "last_refresh": REFRESH},
}
FORMS = ("text", "json")
POLICIES = (
    "",
    'forced_login_method = "api"\n',
    'forced_login_method = "chatgpt"\n',
    f'forced_login_method = "sk-{KEY}"\n',
    'forced_chatgpt_workspace_id = "ws-z"\n',
)


FLEET = "canary99secretsecretsecret"


def leaks(text):
    parts = [
        canary[at : at + 12]
        for canary in (*CANARIES, FLEET)
        for at in range(0, len(canary) - 12, 12)
    ]
    encoded = [base64url(canary.encode())[:16] for canary in CANARIES]
    # Only the numbered heads separate canaries from one another and from innocent text.
    return [part for part in (*parts, *encoded) if part in text and "secretsecret" not in part]


def everything(done):
    return done.stdout + done.stderr


def log_of(root):
    log = root / "home/dev/.local/state/tipstaff/actions.jsonl"
    return log.read_text() if log.exists() else ""


@pytest.mark.parametrize(
    ("name", "policy"),
    list(itertools.product(DOCUMENTS, POLICIES)),
    ids=lambda value: str(value)[:40],
)
def test_no_output_holds_a_secret(name, policy, tmp_path):
    variables = {"CODEX_API_KEY": f"sk-{VARIABLE}"} if name == "AWS" else {}
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]), user=policy)
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **variables}

    files = {form: tmp_path / f"report-{form}" for form in MODULES}
    words = [word for form, path in files.items() for word in ("--report", f"{form}:{path}")]
    outputs = [tipstaff("audit", *VERSION, *words, env=env)]
    outputs += [tipstaff("enforce", *VERSION, "--dry-run", "--format", "json", env=env)]
    outputs += [live_guard(root, env=variables)]
    outputs += [tipstaff("why", *VERSION, env=env)]
    outputs += [tipstaff("exec", *VERSION, "--", "true", env=env)]

    assert [] == [leak for done in outputs for leak in leaks(everything(done))]
    assert [] == [form for form, path in files.items() if leaks(path.read_text())]
    assert bool(log_of(root)) == (outputs[-3].returncode in (10, 11))
    assert [] == leaks(log_of(root))
    assert all(done.returncode in (0, 1, 3, 4, 10, 11) for done in outputs)


LOGINS = (
    ("credentials", "list", "--format", "json"),
    ("credentials", "find"),
    ("credentials", "migrate", *VERSION, "--to", "file"),
    ("credentials", "revoke", "--dry-run"),
    ("credentials", "revoke"),
    ("logout", "--format", "json"),
)
"""What is asked about stored logins, one after the other; the last one leaves none."""


REVOCABLE = ("ChatGPT",)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_command_about_logins_shows_one(name, tmp_path):
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]))
    home = root / "home/dev"
    (home / ".codex/auth.json.bak").write_bytes(credential(root).read_bytes())
    (home / ".bashrc").write_text(f"export OPENAI_API_KEY={KEY} {REFRESH} at-{VARIABLE}\n")
    proxy = {"HTTPS_PROXY": f"http://{VARIABLE}:{VARIABLE}@127.0.0.1:1"}
    env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "CODEX_ACCESS_TOKEN": f"at-{VARIABLE}"}

    outputs = [tipstaff(*words, env={**env, **proxy}) for words in LOGINS]

    assert [] == [leak for done in outputs for leak in leaks(everything(done))]
    assert [] == leaks(log_of(root))
    assert ('"credentials revoke"' in log_of(root)) == (name in REVOCABLE)
    assert not credential(root).exists()
    assert ".bashrc" in outputs[1].stdout


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_repr_of_the_state_holds_a_secret(name, tmp_path):
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]))
    request = Request(
        {}, "/", 0, "0.169.0", None, str(credential(root).parent), options=ReadOptions(detail="all")
    )

    codex = load_client("codex")
    scope = Scope((str(root),), True, Limits(), lambda: 0.0, lambda *_: None)

    assert [] == leaks(repr(codex.read_state(request)))
    assert [] == leaks(repr(codex.custody().every_store(request)))
    assert [] == leaks(repr(codex.custody().find_copies(request, scope)))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_policy_with_keys_shows_neither_them_nor_what_they_judge(name, tmp_path):
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]))
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(
        f'schema = 1\nid = "p"\nversion = "1"\nfleet_key = "{FLEET}"\n'
        'trusted_keys = "/etc/tipstaff/keys.json"\n'
    )
    (root / "etc/tipstaff/keys.json").write_text(jwks(issuer("ours").jwk()))
    words = ["--system-root", root, *VERSION]

    outputs = [tipstaff("audit", *words, "--format", form) for form in FORMS]
    outputs += [tipstaff("enforce", *words, "--dry-run", "--format", "json")]
    outputs += [tipstaff("policy", "show", *words), run_guard(root)]

    assert [] == [leak for done in outputs for leak in leaks(everything(done))]
    held = [load for load in json.loads(outputs[1].stdout)["credentials"] if load["kind"]]
    assert all(listed["fingerprint"] for listed in held)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_simulation_shows_no_secret_of_hosts_reports_or_policies(name, tmp_path):
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]))
    text = f'schema = 1\nid = "p"\nversion = "1"\nlogin_methods = []\nfleet_key = "{FLEET}"\n'
    for policy_name, further in (("old", ""), ("new", 'longest_age = "1d"\n')):
        (tmp_path / f"{policy_name}.toml").write_text(text + further)
    reports = tmp_path / "reports"
    reports.mkdir()
    # A user collects logins in place of reports, or anything else.
    (reports / "login.json").write_text(json.dumps(DOCUMENTS[name]))
    (reports / "broken.ndjson").write_text(
        f'{{"schema_version": "{KEY}"}}\n{KEY}\n{{"users": "{KEY}"}}\n'
    )
    words = ["--hosts", root, *VERSION, "--reports", reports, "--each", tmp_path / "each"]

    simulate = ["policy", "simulate", tmp_path / "new.toml", *words]
    diff = ["policy", "diff", tmp_path / "old.toml", tmp_path / "new.toml"]
    outputs = [tipstaff(*asked, "--format", form) for asked in (simulate, diff) for form in FORMS]

    assert [] == [leak for done in outputs for leak in leaks(everything(done))]
    assert [] == leaks((tmp_path / "each").read_text())
    assert [4, 4, 1, 1] == [done.returncode for done in outputs]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_revocation_shows_nothing_of_what_it_sends(name, tmp_path):
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]))
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(
        'schema = 1\nid = "p"\nversion = "1"\nlogin_methods = []\n'
        'revoke_url = "https://localhost/revoke"\n'
    )
    proxy = {"HTTPS_PROXY": f"http://{VARIABLE}:{VARIABLE}@127.0.0.1:1"}
    words = [BIN / "tipstaff", "enforce", "--revoke", "--system-root", root, *VERSION]
    env = {"PATH": "/usr/bin:/bin", "CODEX_REVOKE_TOKEN_URL_OVERRIDE": UNKNOWN, **proxy}

    outputs = [run([*words, "--dry-run"], env=env), run([*words, "--format", "json"], env=env)]

    assert [] == [leak for done in outputs for leak in leaks(everything(done))]
    assert all(done.returncode in (3, 4, 10, 11) for done in outputs)
    if name == "ChatGPT":
        (revocation,) = json.loads(outputs[1].stdout)["revocations"]
        assert "cannot be reached: Connection refused" == revocation["detail"]


@pytest.mark.parametrize("name", ["key", "ChatGPT", "personal token", "shapes all wrong"])
def test_a_sign_in_shows_nothing_of_what_it_stores(name, tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    client = tmp_path / "codex"
    stored = json.dumps(DOCUMENTS[name])
    client.write_text(
        f"#!/bin/sh\numask 077; cat >/dev/null; echo '{stored}' >$CODEX_HOME/auth.json\n"
    )
    client.chmod(0o755)
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin"}
    words = ["login", "--with-api-key", "--program", client]

    done = tipstaff(*words, "--format", "json", env=env, input=KEY)

    assert [] == leaks(everything(done) + log_of(root))
    assert done.returncode in (0, 4), done
    assert credential(root).exists() == (done.returncode == 0) == ('"login"' in log_of(root))


def test_a_move_leaves_no_secret_in_the_action_log(tmp_path, keyring):
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS["ChatGPT"]))
    keyring.lay_out({"items": []})
    (credential(root).parent / "config.toml").write_text('cli_auth_credentials_store = "keyring"\n')
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin", **keyring.address}

    done = tipstaff("credentials", "migrate", *VERSION, "--to", "keyring", env=env)

    assert 0 == done.returncode
    assert '"credentials migrate"' in log_of(root)
    assert [] == leaks(everything(done) + log_of(root))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_installation_shows_and_keeps_no_secret(name, tmp_path):
    root = make_host(make_tree(tmp_path / "host"), auth=json.dumps(DOCUMENTS[name]))
    install_client(root / "usr")
    env = {**os.environ, "CODEX_API_KEY": f"sk-{VARIABLE}"}
    commands = (("install", *WORDS), ("status",), ("uninstall", "--dry-run"))

    outputs = [tipstaff(*words, "--root", root, "--format", "json", env=env) for words in commands]

    kept = (root / "var/lib/tipstaff/install.json").read_text()
    assert [] == [leak for done in outputs for leak in leaks(everything(done) + kept)]
    assert [0, 0, 0] == [done.returncode for done in outputs]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_that_watch_says_holds_a_secret(name, tmp_path):
    rules = (
        'forced_login_method = "chatgpt"\n' if name == "key" else 'forced_login_method = "api"\n'
    )
    root = make_host(tmp_path / "host", auth=json.dumps(DOCUMENTS[name]), managed=rules)

    with watching(tmp_path, "--system-root", root) as found:
        assert 0 == found.end()
        said = [*found.lines, *found.hear(found.manager)]

    assert any("STATUS=" in line for line in said)
    assert [] == leaks("\n".join(said))


@NEEDS_ROOT
def test_a_root_run_shows_no_secret(machine):
    for name, document in zip(UIDS, ("key", "ChatGPT", "AWS"), strict=False):
        machine.sign_in(name, auth=json.dumps(DOCUMENTS[document]))
    machine.rule('forced_login_method = "chatgpt"\n')
    commands = ("audit", "enforce")

    outputs = [
        machine.run(BIN / "tipstaff", command, *VERSION, "--all-users", "--format", form)
        for command in commands
        for form in FORMS
    ]

    assert [] == [leak for done in outputs for leak in leaks(everything(done))]
    assert [1, 1, 10, 0] == [done.returncode for done in outputs]


SHOWN = {
    "a password in an address": f"https://someone:{KEY[:14]}@example.com/",
    "a short key": f"sk-{KEY[:14]}",
    "a short access token": f"at-{KEY[:14]}",
    "a short web token": f"eyJ{KEY[:14]}",
    "a long key": f"{KEY}",
    "a key among others": f"ws-a,sk-{KEY[:14]}",
}
"""What may stand where values are shown by design: in claims, in ids of workspaces, in addresses."""
IMAGE_COMMANDS = (
    ("why",),
    ("policy", "show", "--format", "json"),
    ("policy", "explain", "forced_chatgpt_workspace_id"),
    ("enforce", "--dry-run", "--format", "json"),
    ("enforce",),
)
LIVE_COMMANDS = (
    ("credentials", "list"),
    ("credentials", "find"),
    ("policy", "explain", "chatgpt_base_url", "--format", "json"),
    ("exec", *VERSION, "--", "true"),
)
AUTHORING = (
    ("policy", "lint", "POLICY", "CLIENT"),
    ("policy", "show", "POLICY"),
    ("policy", "diff", "POLICY", "OTHER", "--format", "json"),
    ("policy", "simulate", "POLICY", "--hosts", "ROOT"),
)


def host_with(folder, text):
    """Return a host on which a text stands wherever a value is shown by design."""
    quoted = json.dumps(text)
    return make_host(
        folder,
        auth=chatgpt(text),
        managed=f'forced_chatgpt_workspace_id = ["ws-z", {quoted}]\n',
        user=f"chatgpt_base_url = {quoted}\nforced_login_method = {quoted}\n"
        if "://" in text
        else f"chatgpt_base_url = {quoted}\n",
        requirements=f'allowed_chatgpt_workspaces = [{quoted}, "ws-a"]\n',
    )


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_no_value_that_is_shown_by_design_shows_a_secret(text, tmp_path):
    root = host_with(tmp_path / "host", text)
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin"}
    files = {form: tmp_path / f"report-{form}" for form in MODULES}
    words = [word for form, path in files.items() for word in ("--report", f"{form}:{path}")]
    image = ("--system-root", root, *VERSION)

    outputs = [tipstaff("audit", *image, *words, env=env)]
    outputs += [tipstaff(*command, env=env) for command in LIVE_COMMANDS]
    outputs += [tipstaff(*command, *image, env=env) for command in IMAGE_COMMANDS]

    assert [] == [done.args for done in outputs if KEY[:14] in everything(done)]
    assert [] == [form for form, path in files.items() if KEY[:14] in path.read_text()]
    assert KEY[:14] not in log_of(root)
    assert all(done.returncode in (0, 1, 3, 4, 10, 11) for done in outputs), outputs


@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_no_policy_shows_a_secret_that_stands_in_it(text, tmp_path):
    root = host_with(tmp_path / "host", text)
    quoted = json.dumps(text)
    policy, other, client = (tmp_path / name for name in ("p.toml", "o.toml", "requirements.toml"))
    head = f'schema = 1\nid = "p"\nversion = "1"\nhelp_url = "https://{KEY[:14]}:x@example.com/"\n'
    stated = f'{head}[[workspaces]]\nid = {quoted}\n[[workspaces]]\nid = "ws-a"\n'
    policy.write_text(stated)
    other.write_text(f'{head}[[workspaces]]\nid = "ws-a"\n')
    client.write_text(f"allowed_chatgpt_workspaces = [{quoted}, {quoted}]\n")
    (root / "etc/tipstaff").mkdir()
    (root / "etc/tipstaff/policy.toml").write_text(stated)
    places = {"POLICY": policy, "OTHER": other, "CLIENT": client, "ROOT": root}

    outputs = [tipstaff(*(places.get(word, word) for word in command)) for command in AUTHORING]
    image = ("--system-root", root, *VERSION)
    outputs += [
        tipstaff(*command, *image)
        for command in (("audit", "--format", "json"), ("enforce", "--format", "json"), ("why",))
    ]

    assert [] == [done.args for done in outputs if KEY[:14] in everything(done)]
    assert all(done.returncode in (0, 1, 3, 4, 10, 11) for done in outputs), outputs


ALIKE = {
    "alike": ("sk-alike", "sk-alike", "allow"),
    "not alike": ("sk-alike", "sk-other", "log_out"),
}


@pytest.mark.parametrize(("claimed", "wanted", "verdict"), ALIKE.values(), ids=ALIKE)
def test_a_claim_that_is_not_shown_is_compared_all_the_same(claimed, wanted, verdict, tmp_path):
    root = make_host(
        tmp_path / "host",
        auth=chatgpt(claimed),
        managed=f'forced_chatgpt_workspace_id = "{wanted}"\n',
    )

    done = tipstaff("audit", "--system-root", root, *VERSION, "--format", "json")

    document = read_saved(done.stdout.encode(), "report")
    assert verdict == document.decision.verdict
    assert [] == contradictions(document)


def test_the_search_finds_what_it_looks_for():
    assert leaks(f"x {KEY} y")
    assert leaks(base64url(REFRESH.encode()))


def test_claims_that_a_report_shows_are_no_secret(tmp_path):
    root = make_host(tmp_path / "host", auth=chatgpt("ws-a"))
    env = {"HOME": str(root / "home/dev"), "PATH": "/usr/bin:/bin"}

    done = tipstaff("audit", *VERSION, "--format", "json", env=env)

    assert "ws-a" == json.loads(done.stdout)["credentials"][0]["workspace"]["id_token"]
