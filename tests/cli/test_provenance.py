""" "Why does my setting not work?" is answered from the output alone."""

import json
import os
import re
import subprocess

import pytest
from example_hosts import HERE, copy_host

from support.machines.hosts import FORCED_CHATGPT, VERSION, make_host, tipstaff
from tipstaff_schemas.export import faults

HOSTS = HERE / "hosts"
QUESTIONS = {
    "file in the wrong place": (
        "file-in-wrong-place",
        (),
        "allowed_login_methods",
        [
            "/home/dev/.codex/requirements.toml:2",
            "does not read a file of this name in this place",
            "it belongs to /etc/codex/requirements.toml",
        ],
    ),
    "key inside a table": (
        "key-inside-table",
        (),
        "forced_login_method",
        ["/etc/codex/managed_config.toml:4", "inside a table", "above the first table"],
    ),
    "misspelt key": (
        "misspelt-key",
        (),
        "allowed_login_methods",
        ["/etc/codex/requirements.toml:2", "allowed_login_method", "misspelt"],
    ),
    "requirement": (
        "requirement-beats-user",
        (),
        "cli_auth_credentials_store",
        [
            'cli_auth_credentials_store: "file"',
            "from       /etc/codex/requirements.toml:2",
            'beats      "ephemeral"  /home/dev/.codex/config.toml:2',
            "only the administrators",
        ],
    ),
    "project not trusted": (
        "project-not-trusted",
        ("--cwd", "home/dev/work"),
        "forced_login_method",
        ["/home/dev/work/.codex/config.toml:2", "the project is not trusted", "trust_level"],
    ),
}


def ask(name, *words):
    done = tipstaff(*words, *VERSION, "--system-root", HOSTS / name)
    assert done.stderr == ""
    return done.stdout


def in_image(name, words):
    return [HOSTS / name / word if "/" in str(word) else word for word in words]


@pytest.mark.parametrize(("name", "words", "key", "answers"), QUESTIONS.values(), ids=QUESTIONS)
def test_explain_answers(name, words, key, answers):
    out = ask(name, "policy", "explain", key, *in_image(name, words))

    assert [] == [answer for answer in answers if answer not in out], out


@pytest.mark.parametrize(("name", "words", "key", "answers"), QUESTIONS.values(), ids=QUESTIONS)
def test_show_answers_too(name, words, key, answers):
    out = ask(name, "policy", "show", *in_image(name, words))

    assert answers[0].partition(": ")[2] in out
    assert answers[1].split()[-1] in out


def test_two_folders_go_by_different_rules_and_the_output_says_why():
    folder = HOSTS / "two-folders/home/dev"

    work = ask("two-folders", "policy", "show", "--cwd", folder / "work")
    play = ask("two-folders", "policy", "show", "--cwd", folder / "play")

    assert "/home/dev/work/.codex/config.toml:1  [project, personal]" in work
    assert "in force\n  nothing" in play
    of_work, of_play = (out.partition("\n\n")[2].splitlines() for out in (work, play))
    assert "started in" in of_work[1]
    assert of_work[1] != of_play[1]


def test_two_running_processes_with_two_homes_are_told_apart(tmp_path):
    """openai/codex#46914: two processes that resolve different configurations."""
    client = tmp_path / "codex"
    client.symlink_to(os.path.realpath("/bin/sleep"))
    message = []
    for name, text in (("one", FORCED_CHATGPT), ("two", "")):
        home = tmp_path / name
        home.mkdir()
        (home / "config.toml").write_text(text)
        process = subprocess.Popen([client, "60"], env={"CODEX_HOME": str(home)}, cwd=tmp_path)
        try:
            message.append(tipstaff("policy", "show", *VERSION, "--process", process.pid).stdout)
        finally:
            process.kill()
            process.wait()

    assert f"folder {tmp_path}/one (named by CODEX_HOME)" in message[0]
    assert 'forced_login_method = "chatgpt"' in message[0]
    assert f"folder {tmp_path}/two (named by CODEX_HOME)" in message[1]
    assert "forced_login_method" not in message[1]


@pytest.mark.parametrize(("pid", "text"), [("99999999", "no process"), ("1", "")])
def test_a_process_that_is_no_client_is_a_usage_error(pid, text):
    done = tipstaff("why", "--process", pid)

    assert done.returncode in (2, 4)
    assert text in done.stderr
    assert "Traceback" not in done.stderr


def test_a_moved_home_is_named(tmp_path):
    (tmp_path / ".codex").mkdir()
    (tmp_path / ".codex/config.toml").write_text(FORCED_CHATGPT)
    (tmp_path / "other").mkdir()
    env = {"HOME": str(tmp_path), "CODEX_HOME": str(tmp_path / "other"), "PATH": "/usr/bin"}

    out = tipstaff("policy", "explain", "forced_login_method", *VERSION, env=env).stdout

    assert f"{tmp_path}/.codex/config.toml:1" in out
    assert "unset CODEX_HOME" in out


WHY = {
    "wrong-workspace": (0, ["/etc/codex/managed_config.toml:3", "ws-private", "by `tipstaff login --client codex`\n", "the administrators of this machine"]),
    "api-key-under-chatgpt-only": (0, ["holds an API key", "sign in to workspace ws-example by `tipstaff login --client codex`\n"]),
    "malformed-policy": (3, ["/etc/codex/managed_config.toml:2", "correct", "the administrators"]),
    "nobody-may-sign-in": (3, ["leave no login method", "have the administrators correct /etc/codex"]),
    "compliant-chatgpt": (0, ["allow:", "start the client"]),
}  # fmt: skip


@pytest.mark.parametrize(("name", "code", "answers"), [(k, *v) for k, v in WHY.items()], ids=WHY)
def test_why_says_what_where_and_what_to_do(name, code, answers):
    done = tipstaff("why", *VERSION, "--system-root", HOSTS / name)

    assert code == done.returncode
    assert [] == [answer for answer in answers if answer not in done.stdout]


IN_KEYRING = 'cli_auth_credentials_store = "keyring"\n'
NOT_OURS = {
    "a store in memory": ("", FORCED_CHATGPT + 'cli_auth_credentials_store = "ephemeral"\n'),
    "an encrypted store": (
        "",
        f"{FORCED_CHATGPT}features.secret_auth_storage = true\n{IN_KEYRING}",
    ),
    "another platform": ("macos", FORCED_CHATGPT),
}


@pytest.mark.parametrize(("platform", "rules"), NOT_OURS.values(), ids=NOT_OURS)
def test_where_a_login_cannot_be_put_in_place_the_clients_own_is_told(platform, rules, tmp_path):
    root = make_host(tmp_path / "host", auth=None, user=rules)
    words = ["--platform", platform, "--codex-home", root / "home/dev/.codex"] if platform else []

    done = tipstaff("why", *VERSION, "--system-root", root, *words)

    assert "sign in by `codex login`\n" in done.stdout


@pytest.mark.parametrize(
    ("rule", "command"),
    [
        ("chatgpt", "`tipstaff login --client codex`"),
        ("api", "`printenv OPENAI_API_KEY | tipstaff login --with-api-key --client codex`"),
    ],
)
def test_why_names_the_way_that_is_allowed(rule, command, tmp_path):
    root = make_host(tmp_path / "host", auth=None, user=f'forced_login_method = "{rule}"\n')

    done = tipstaff("why", *VERSION, "--system-root", root)

    assert f"to do: sign in by {command}\n" in done.stdout


@pytest.mark.parametrize("platform", ["app-server", "status", "interactive"])
def test_why_tells_entry_points_apart(platform, tmp_path):
    root = make_host(tmp_path / "host", user=FORCED_CHATGPT)

    done = tipstaff("why", *VERSION, "--system-root", root, "--entry-point", platform)

    expected = "log out:" if platform == "interactive" else "ignore credential:"
    assert expected in done.stdout
    assert f"entry point {platform}" in done.stdout


@pytest.mark.parametrize("name", [path.name for path in HOSTS.iterdir()])
@pytest.mark.parametrize(
    ("words", "schema"),
    [
        (("policy", "show"), "settings"),
        (("policy", "explain", "forced_login_method"), "explanation"),
        (("why",), "why"),
    ],
)
def test_json_fits_its_schema(words, schema, name):
    words = [*words, *VERSION, "--system-root", str(HOSTS / name), "--format", "json"]
    done = tipstaff(*words)

    assert [] == faults(schema, json.loads(done.stdout))


def test_an_unknown_key_is_a_usage_error_with_the_likely_one():
    done = tipstaff("policy", "explain", "forced_login")

    assert 2 == done.returncode
    assert "" == done.stdout
    assert "did you mean `tipstaff policy explain forced_login_method`?" in done.stderr


def test_a_setting_that_nothing_makes_names_its_default(tmp_path):
    root = make_host(tmp_path / "host")

    done = tipstaff(
        "policy", "explain", "cli_auth_credentials_store", *VERSION, "--system-root", root
    )

    assert "cli_auth_credentials_store: not set (file)" in done.stdout


def why_signed_out(folder, **files):
    return tipstaff(
        "why", *VERSION, "--system-root", make_host(folder / "host", auth=None, **files)
    )


def test_who_is_signed_out_learns_which_login_is_allowed_where_that_stands_and_whom_to_ask(
    tmp_path,
):
    """Also where the client itself has logged out, of which Tipstaff has no record."""
    managed = '\nforced_login_method = "chatgpt"\nforced_chatgpt_workspace_id = "ws-a"\n'

    message = why_signed_out(tmp_path, managed=managed).stdout

    place = "/etc/codex/managed_config.toml"
    assert (
        f"Allowed here: a ChatGPT login ({place}:2); workspace ws-a ({place}:3). "
        "Any other login is removed.\n"
    ) in message
    assert "to do: sign in to workspace ws-a by `tipstaff login --client codex`\n" in message
    assert f"ask:   the administrators of this machine, who keep {place}\n" in message


def test_a_rule_that_stands_in_two_files_is_told_once_with_both(tmp_path):
    message = why_signed_out(
        tmp_path,
        managed='forced_login_method = "chatgpt"\n',
        requirements='allowed_login_methods = ["chatgpt"]\n',
    ).stdout

    assert 1 == message.count("a ChatGPT login (")
    managed, required = "/etc/codex/managed_config.toml:1", "/etc/codex/requirements.toml:1"
    assert f"a ChatGPT login ({managed} and {required})" in message


def test_a_rule_that_only_warns_so_far_is_not_told_as_a_removal(tmp_path):
    root = make_host(tmp_path / "host", auth=None)
    folder = root / "etc/tipstaff"
    folder.mkdir()
    (folder / "policy.toml").write_text(
        'schema = 1\nid = "example"\nversion = "1"\nlogin_methods = ["chatgpt"]\n'
        'on_violation = "report"\n'
    )

    message = tipstaff("why", *VERSION, "--system-root", root).stdout

    assert "Any other login is reported, and not removed yet." in message


def test_where_no_rule_is_in_force_nobody_is_named(tmp_path):
    message = why_signed_out(tmp_path).stdout

    assert "Allowed here" not in message
    assert "ask:" not in message


def test_the_policy_of_the_organisation_is_shown_before_the_clients_settings(tmp_path):
    root = copy_host("both-clients", tmp_path)

    done = tipstaff("policy", "show", "--system-root", root)

    own, *clients = re.split(r"^(?:codex|claude):$", done.stdout, flags=re.MULTILINE)
    assert own.startswith("organisation's policy: ")
    assert "  file          /etc/tipstaff/policy.toml\n" in own
    assert "  on this host  a violation is logged out: the policy is in force\n" in own
    assert re.search(r"only\.  \[/etc/tipstaff/policy\.toml:\d+\]", own)
    assert [True, True] == ["settings in force" in client for client in clients]


def test_the_policy_of_the_organisation_is_in_the_document_of_each_client(tmp_path):
    root = copy_host("both-clients", tmp_path)

    done = tipstaff(
        "policy", "show", "--client", "claude", "--system-root", root, "--format", "json"
    )

    document = json.loads(done.stdout)
    assert [] == faults("settings", document)
    assert "enforce" == document["organisation"]["mode"]


def test_a_policy_that_cannot_be_used_is_shown_with_what_to_do(tmp_path):
    root = copy_host("policy-deployed", tmp_path)
    (root / "etc/tipstaff/policy.toml").write_text("schema = 1\nid = 5\n")

    done = tipstaff("policy", "show", *VERSION, "--system-root", root)

    assert (3, True) == (done.returncode, "/etc/tipstaff/policy.toml:2: " in done.stdout), done
    assert "    to do: " in done.stdout


def test_a_host_without_a_policy_of_the_organisation_says_so(tmp_path):
    root = copy_host("compliant-chatgpt", tmp_path)

    done = tipstaff("policy", "show", *VERSION, "--system-root", root)

    assert done.stdout.startswith("organisation's policy\n  none\n")
