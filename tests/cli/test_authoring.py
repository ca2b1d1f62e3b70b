"""``tipstaff policy init``, ``lint`` and ``show FILE``: what a person and a pipeline see."""

import json
import os
import pty
import tomllib
from pathlib import Path

import pytest

from support.artefacts.policies import ROOT
from support.machines.hosts import BIN, run, tipstaff
from tipstaff_schemas.export import faults

EXAMPLES = Path(__file__).parents[2] / "examples/policies"
INIT = (
    "--id", "example-corp", "--workspace", "ws-example=Example Corp", "--store", "file",
    "--store", "keyring", "--contact", "help desk, phone 17", "--owner", "identity@example.com",
)  # fmt: skip
ANSWERS = "a b\nexample-corp\n\nws-example=Example Corp\nfile keyring\nhelp desk, phone 17\nidentity@example.com\n"
SECRET = "an-example-and-no-real-key"


def policy(*words, **options):
    return tipstaff("policy", *words, **options)


def test_init_writes_the_quick_start_and_never_over_a_file(tmp_path):
    out = tmp_path / "policy.toml"

    first = policy("init", "--out", out, *INIT)
    again = policy("init", "--out", out, "--id", "other")

    assert 0 == first.returncode, first.stderr
    assert f"tipstaff policy lint {out}\n" in first.stdout
    assert (EXAMPLES / "quick-start/policy.toml").read_text() == out.read_text()
    assert 2 == again.returncode
    assert "exists already" in again.stderr


def test_init_asks_on_a_terminal_until_the_answer_can_be_used(tmp_path):
    ours, theirs = pty.openpty()
    os.write(ours, ANSWERS.encode())

    done = tipstaff("policy", "init", cwd=tmp_path, stdin=theirs)

    os.close(ours)
    os.close(theirs)
    assert 0 == done.returncode, done.stderr
    assert "expected letters, digits" in done.stderr
    written = (tmp_path / "policy.toml").read_text()
    assert (EXAMPLES / "quick-start/policy.toml").read_text() == written


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "not a terminal"),
        (("--id", "a b"), "--id 'a b' is not usable"),
        (("--id", "a", "--method", "sso"), "--method 'sso' is not usable"),
        (("--id", "a", "--workspace", ""), "--workspace '' is not usable"),
        (("--id", "a", "--workspace", "=Name"), "--workspace '=Name' is not usable"),
        (("--id", "a", "--method", "api", "--workspace", "w"), "belong to no workspace"),
    ],
)
def test_init_refuses_answers_that_make_no_good_policy(words, why, tmp_path):
    done = policy("init", *words, cwd=tmp_path)

    assert 2 == done.returncode
    assert why in done.stderr
    assert [] == list(tmp_path.iterdir())


BOTH = ("--client", "codex", "--client", "claude")
UUID = "11111111-2222-4333-8444-555555555555"


def test_init_for_several_clients_restricts_what_each_was_given(tmp_path):
    words = ("--method", "claudeai", "--method", "chatgpt", "--workspace", "ws-1=Example")

    done = policy("init", tmp_path / "p.toml", "--id", "p", *BOTH, *words, "--organisation", UUID)

    written = tomllib.loads((tmp_path / "p.toml").read_text())
    assert (["chatgpt"], [{"id": "ws-1", "name": "Example"}]) == (
        written["login_methods"],
        written["workspaces"],
    ), done
    assert (["claudeai"], [UUID]) == (
        written["clients"]["claude"]["login_methods"],
        written["clients"]["claude"]["organisations"],
    )


def test_init_for_one_client_restricts_its_organisations(tmp_path):
    done = policy("init", tmp_path / "p.toml", "--id", "p", *BOTH[2:], "--organisation", UUID)

    written = tomllib.loads((tmp_path / "p.toml").read_text())
    assert [UUID] == written["clients"]["claude"]["organisations"], done
    assert "login_methods" not in written


MEANINGLESS = {
    "a method of neither": (
        (*BOTH, "--method", "sso"),
        'of codex: "chatgpt" or "api"; of claude: ',
    ),
    "an organisation": (("--organisation", UUID), "expected: --client with claude"),
    "a workspace": ((*BOTH[2:], "--workspace", "w"), "expected: --client with codex"),
    "a client": (("--client", "nope"), "unknown client 'nope'"),
}


@pytest.mark.parametrize(("words", "why"), MEANINGLESS.values(), ids=MEANINGLESS)
def test_init_says_which_client_an_answer_is_of(words, why, tmp_path):
    done = policy("init", tmp_path / "p.toml", "--id", "p", *words)

    assert (2, True) == (done.returncode, why in done.stderr), done


def test_init_asks_for_each_client_on_a_terminal(tmp_path):
    ours, theirs = pty.openpty()
    os.write(ours, f"example\n\n\n\n\n{UUID}\n\n\n\n".encode())

    done = tipstaff("policy", "init", *BOTH, cwd=tmp_path, stdin=theirs)

    os.close(ours)
    os.close(theirs)
    assert 0 == done.returncode, done.stderr
    written = tomllib.loads((tmp_path / "policy.toml").read_text())
    assert [UUID] == written["clients"]["claude"]["organisations"]


def test_lint_prints_a_line_a_finding_and_what_to_do(tmp_path):
    path = tmp_path / "requirements.toml"
    path.write_text('\nallowed_login_method = ["chatgpt"]\n')

    done = policy("lint", path)

    assert 1 == done.returncode
    assert (
        f"{path}:2: error: allowed_login_method is ignored: misspelt [key-without-effect]\n"
        "  write `allowed_login_methods` in this file\n"
    ) == done.stdout


def test_lint_as_json_fits_its_schema_and_takes_options(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(ROOT + 'stores = ["keyring"]\nvalid_until = 2030-01-01\n')
    options = (
        "--client-version",
        "0.150.0",
        "--hosts-without-keyring",
        "ci",
        "--at",
        "2031-01-01",
    )

    done = policy("lint", tmp_path, "--format", "json", *options)
    document = json.loads(done.stdout)

    assert [] == faults("lint", document)
    assert 1 == done.returncode
    assert "0.150.0" == document["client_version"]
    assert {"keyring-missing", "expired", "nobody-to-ask"} == {
        finding["rule"] for finding in document["findings"]
    }


def test_lint_says_every_fault_of_every_file_and_exits_3(tmp_path):
    (tmp_path / "policy.toml").write_text(ROOT + "login_method = []\nx = 1\n")
    (tmp_path / "managed_config.toml").write_text("forced_login_method = 1\n")

    done = policy("lint", tmp_path)

    assert 3 == done.returncode
    assert 3 == done.stdout.count("[invalid]")
    assert "  expected `login_methods`\n" in done.stdout


def test_a_note_alone_is_no_finding(tmp_path):
    (tmp_path / "policy.toml").write_text(ROOT)

    done = policy("lint", tmp_path / "policy.toml")

    assert 0 == done.returncode
    assert 1 == done.stdout.count("note: ")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("no-such-file.toml",), 4),
        (("--client-version", "x", EXAMPLES / "quick-start"), 2),
        (("--at", "yesterday", EXAMPLES / "quick-start"), 2),
        (("--keys", "no-such-file", EXAMPLES / "quick-start"), 4),
    ],
)
def test_lint_says_what_it_cannot_use(words, code, tmp_path):
    assert code == policy("lint", *words, cwd=tmp_path).returncode


def test_show_tells_a_policy_in_words_and_no_secret():
    text = policy("show", EXAMPLES / "every-field").stdout
    document = json.loads(policy("show", EXAMPLES / "every-field", "--format", "json").stdout)

    assert [] == faults("policy-in-words", document)
    assert "example-corp-sign-in" == document["id"]
    for statement in document["statements"]:
        assert statement["says"] in text
    assert "policy.toml:17]" in text
    assert SECRET not in f"{text}{document}"


def test_show_of_a_file_that_is_no_policy_names_every_fault(tmp_path):
    path = tmp_path / "policy.toml"
    path.write_text(ROOT + "x = 1\ny = 1\n")

    done = policy("show", path)

    assert 3 == done.returncode
    assert 2 == done.stderr.count("[invalid]")


@pytest.mark.parametrize("command", ["init", "lint", "show"])
def test_help_has_examples_and_exit_codes(command):
    text = policy(command, "--help").stdout

    assert "Examples" in text
    assert "Exit codes" in text


def test_the_manual_works_as_written(tmp_path):
    page = (EXAMPLES.parents[1] / "docs/rollout/author.md").read_text("utf-8")
    commands = page.split("```sh\n")[1].split("```")[0]

    done = run(["bash", "-ec", commands], cwd=tmp_path, env={"PATH": f"{BIN}:{os.environ['PATH']}"})

    assert 0 == done.returncode, done.stderr
    assert "ws-example (Example Corp)" in done.stdout
