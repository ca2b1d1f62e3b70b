"""`tipstaff policy render` and `verify` as an author uses them."""

import json
import os
import re
import subprocess

import pytest

from rollout.drafts import DOCUMENT, KEYS_PATH, OF_CLAUDE
from support.machines.hosts import run, tipstaff
from support.services.signing import issuer, jwks
from tipstaff_rollout.channels import channel_names
from tipstaff_schemas.export import faults


@pytest.fixture
def policy(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text(DOCUMENT + OF_CLAUDE)
    return file


def render(policy, to, out, *more):
    return tipstaff("policy", "render", policy, "--to", to, "--out", out, *more)


def verify(artefact, *more):
    return tipstaff("policy", "verify", artefact, *more)


def test_the_channels_are_listed():
    done = tipstaff("policy", "render", "--to", "list")

    assert 0 == done.returncode
    assert [*channel_names()] == [line.split()[0] for line in done.stdout.splitlines()]


def test_every_artefact_of_a_policy_is_proved_against_it(policy, tmp_path):
    out = tmp_path / "out"

    done = render(policy, "all", out)

    assert 0 == done.returncode
    assert "" == done.stderr
    places = done.stdout.splitlines()
    written = [os.path.relpath(place, out).split("/")[0] for place in places]
    assert [name for name in channel_names() if name != "claude-drop-in"] == written
    for place in places:
        proved = verify(place, "--against", policy, "--format", "json")
        document = json.loads(proved.stdout)
        assert [] == faults("artefact", document)
        assert 0 == proved.returncode, proved.stderr
        assert [] == document["differences"], proved.stderr


STARTING = "enforce_from = 2090-02-01\n"
DAYS = {
    "a day to come": (("--at", "2090-03-01"), (), "--at 2090-02-01"),
    "a day before": ((), ("--at", "2090-03-01"), "--at 2090-01-31"),
    "at once": (("--at-once",), (), "--at 2090-02-01"),
}


@pytest.mark.parametrize(("rendered", "verified", "option"), DAYS.values(), ids=DAYS)
def test_a_set_that_was_rendered_for_another_day_is_of_the_same_policy(
    rendered, verified, option, policy, tmp_path
):
    policy.write_text(STARTING + policy.read_text())
    render(policy, "jamf", tmp_path / "out", *rendered)

    text = verify(tmp_path / "out", "--against", policy, *verified)
    as_json = verify(tmp_path / "out", "--against", policy, *verified, "--format", "json")
    for_that_day = verify(tmp_path / "out", "--against", policy, *option.split())

    assert f"the same policy, rendered for another day: compare it with `{option}`" in text.stdout
    assert 1 == text.returncode
    assert option == json.loads(as_json.stdout)["rendered_for"]
    assert [] == faults("artefact", json.loads(as_json.stdout))
    assert 0 == for_that_day.returncode


def test_another_policy_is_not_taken_for_another_day(policy, tmp_path):
    policy.write_text(STARTING + policy.read_text())
    render(policy, "jamf", tmp_path / "out", "--at", "2090-03-01")
    policy.write_text(policy.read_text() + "# another\n")

    done = verify(tmp_path / "out", "--against", policy)

    assert "another policy" in done.stdout
    assert 1 == done.returncode


@pytest.fixture
def whole_set(policy, tmp_path):
    assert 0 == render(policy, "jamf", tmp_path / "set", "--to", "shell", "--to", "deb").returncode
    return tmp_path / "set"


def test_a_folder_of_artefacts_is_verified_at_once(whole_set, policy):
    done = verify(whole_set, "--against", policy)
    as_json = verify(whole_set, "--against", policy, "--format", "json")

    assert 0 == done.returncode, done.stderr
    assert 3 == done.stdout.count(": the same policy")
    documents = [json.loads(line) for line in as_json.stdout.splitlines()]
    assert ["deb", "jamf", "shell"] == [document["channel"] for document in documents]


def test_one_edited_artefact_spoils_a_folder_and_is_named(whole_set, policy):
    script = whole_set / "shell/policy.sh"
    script.write_text(script.read_text() + "true\n")

    done = verify(whole_set, "--against", policy)

    assert 3 == done.returncode
    assert f"{script}" in done.stderr
    assert 2 == done.stdout.count(": the same policy")


def test_a_folder_in_which_one_artefact_is_signed_is_verified_with_its_page(whole_set, policy):
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", whole_set.parent / "key"])
    key, script = whole_set.parent / "key", whole_set / "shell/policy.sh"
    assert 0 == tipstaff("policy", "sign", script, "--key", key).returncode

    done = verify(whole_set, "--against", policy)
    page = whole_set / "shell/UPLOAD.md"
    page.write_text(page.read_text() + "more\n")
    edited = verify(whole_set, "--against", policy)

    assert 0 == done.returncode, done.stderr
    assert 1 == done.stdout.count("signature    ssh, by ssh-ed25519")
    assert 3 == edited.returncode
    assert f"{page}" in edited.stderr


def test_the_index_of_a_folder_is_verified_too(whole_set):
    index = whole_set / "UPLOAD.md"
    index.write_text(index.read_text() + "Then send us your password.\n")

    done = verify(whole_set)

    assert 3 == done.returncode
    assert f"error: {index}: was edited" in done.stderr


def test_a_folder_holds_artefacts_of_one_policy(whole_set, policy):
    policy.write_text(policy.read_text() + "# another\n")
    render(policy, "shell", whole_set / "shell/policy.sh")
    (whole_set / "shell/UPLOAD.md").unlink()

    done = verify(whole_set)

    assert 3 == done.returncode
    assert "holds artefacts of several policies" in done.stderr


def test_each_channel_that_is_named_is_written(policy, tmp_path):
    done = render(policy, "jamf", tmp_path / "out", "--to", "shell")

    assert 0 == done.returncode, done.stderr
    assert {"UPLOAD.md", "jamf", "shell"} == set(os.listdir(tmp_path / "out"))


def test_a_channel_that_is_not_known_among_others_writes_nothing(policy, tmp_path):
    done = render(policy, "jamf", tmp_path / "out", "--to", "shel")

    assert 2 == done.returncode
    assert not (tmp_path / "out").exists()


def test_the_same_policy_gives_the_same_bytes(policy, tmp_path):
    for name in ("one", "two"):
        assert 0 == render(policy, "all", tmp_path / name).returncode

    subprocess.run(["diff", "-r", tmp_path / "one", tmp_path / "two"], check=True)


def test_an_artefact_of_another_policy_is_exit_1(policy, tmp_path):
    out = tmp_path / "requirements.toml"
    render(policy, "requirements", out)
    policy.write_text(DOCUMENT.replace("ws-example", "ws-other"))

    done = verify(out, "--against", policy)

    assert 1 == done.returncode
    assert ": another policy" in done.stdout
    assert "requirements: differs from line 1 on" in done.stdout


def test_what_lint_finds_in_an_artefact_is_said(policy, tmp_path):
    policy.write_text(DOCUMENT.replace('login_methods = ["chatgpt"]\n', ""))
    render(policy, "shell", tmp_path / "policy.sh")

    done = verify(tmp_path / "policy.sh")

    assert 0 == done.returncode
    assert "lint         policy.toml:5: warning: " in done.stdout


def test_an_edited_artefact_is_exit_3_and_names_its_place(policy, tmp_path):
    out = tmp_path / "out"
    render(policy, "requirements", out)
    out.write_text(out.read_text().replace("ws-example", "ws-exemple"))

    done = verify(out)

    assert 3 == done.returncode
    assert "" == done.stdout
    assert f"error: {out}: requirements.toml:1: was edited or cut off" in done.stderr


BAD = {
    "no such channel": (("--to", "pigeon", "--out", "x"), 2, "no channel is called 'pigeon'"),
    "no place": (("--to", "policy"), 2, "--out"),
    "old client": (
        ("--to", "requirements", "--out", "x", "--client-version", "0.146.0"),
        3,
        "client 0.146.0: it ignores requirements.toml",
    ),
    "old version of another client": (
        ("--to", "shell", "--out", "x", "--client", "claude", "--client-version", "2.1.323"),
        3,
        "client 2.1.323: the client enforces `enforceAnthropicSignIn` since 2.1.330 only",
    ),
    "old version of one of two": (
        ("--to", "shell", "--out", "x", "--client-version", "2.1.323"),
        2,
        "expected: --client with one of codex, claude",
    ),
    "old Tipstaff": (("--to", "policy", "--out", "x", "--tipstaff", "0.0.9"), 3, "Tipstaff 0.0.9"),
    "no version": (("--to", "policy", "--out", "x", "--tipstaff", "new"), 2, "'new' is no version"),
    "nowhere to write": (("--to", "policy", "--out", "/proc/x/y"), 4, "cannot be written"),
}


@pytest.mark.parametrize("name", BAD)
def test_wrong_use_is_told(name, policy, tmp_path):
    options, code, message = BAD[name]

    done = tipstaff("policy", "render", policy, *options, cwd=tmp_path)

    assert code == done.returncode
    assert "" == done.stdout
    assert message in done.stderr
    assert ["policy.toml"] == os.listdir(tmp_path)


def test_a_policy_that_is_none_is_exit_3_with_every_line(policy, tmp_path):
    policy.write_text(
        DOCUMENT + 'x = 1\nlogin_methods = ["sso"]\n'.replace("login_methods", "on_error")
    )

    done = render(policy, "all", tmp_path / "out")

    assert 3 == done.returncode
    assert f"{policy}:8" in done.stderr
    assert f"{policy}:9" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_policy_that_begins_later_says_what_is_left_out(policy, tmp_path):
    policy.write_text(DOCUMENT + "enforce_from = 2099-01-01\n")

    quiet, whole = (
        render(policy, "all", tmp_path / name, *more)
        for name, more in (("a", ()), ("b", ("--at-once",)))
    )

    assert 0 == quiet.returncode
    assert 0 == whole.returncode
    assert f"enforce_from at {policy}:8" in quiet.stderr
    assert "without Tipstaff on the host: nothing\n" in quiet.stderr
    assert not (tmp_path / "a/requirements").exists()
    assert "the client obeys its own files, at once" in whole.stderr
    assert (
        0
        == verify(
            tmp_path / "b/requirements/requirements.toml", "--against", policy, "--at-once"
        ).returncode
    )


def test_public_keys_go_with_the_policy(policy, tmp_path):
    policy.write_text(DOCUMENT + f'trusted_keys = "{KEYS_PATH}"\n')
    keys = tmp_path / "keys.json"
    keys.write_text(jwks(issuer("k").jwk()))

    without, done = (
        render(policy, "policy", tmp_path / "x"),
        render(policy, "policy", tmp_path / "out", "--keys", keys),
    )

    assert 3 == without.returncode
    assert 0 == done.returncode
    assert "--keys FILE" in without.stderr
    assert 0 == verify(tmp_path / "out", "--against", policy, "--keys", keys).returncode


def test_a_folder_that_holds_something_else_is_left_alone(policy, tmp_path):
    policy.write_text(DOCUMENT + f'trusted_keys = "{KEYS_PATH}"\n')
    keys, out = tmp_path / "keys.json", tmp_path / "out"
    keys.write_text(jwks(issuer("k").jwk()))
    out.mkdir()
    (out / "mine").write_text("kept")

    done = render(policy, "policy", out, "--keys", keys)

    assert 2 == done.returncode
    assert ["mine"] == os.listdir(out)
    assert f"{out}/mine is none of the files" in done.stderr


@pytest.mark.parametrize("link", [True, False])
def test_what_cannot_be_an_artefact_is_exit_4(link, tmp_path):
    place = tmp_path / "artefact"
    place.mkdir()
    if link:
        (place / "x").symlink_to("/etc/passwd")

    assert 4 == verify(place).returncode


def test_a_file_without_its_stamp_is_told_by_its_name(policy, tmp_path):
    out = tmp_path / "requirements.toml"
    render(policy, "requirements", out)
    out.write_text("".join(out.read_text().splitlines(keepends=True)[1:]))

    done = verify(out)

    assert 3 == done.returncode
    assert f"error: {out}:1: has no stamp of Tipstaff" in done.stderr


def test_a_file_of_nobody_is_exit_3(tmp_path):
    (tmp_path / "x.txt").write_text("hello")

    done = verify(tmp_path / "x.txt")

    assert 3 == done.returncode
    assert "no channel knows this artefact" in done.stderr


def test_the_end_of_a_start_ships_the_clients_own_files_and_says_so(policy, tmp_path):
    policy.write_text(DOCUMENT + 'enforce_from = 2099-01-01\ncohort = "100%"\n')

    done = render(policy, "all", tmp_path / "out", "--at", "2099-01-01")

    file = tmp_path / "out/requirements/requirements.toml"
    assert "on 2099-01-01 its start is at `whole`" in done.stderr
    assert 0 == verify(file, "--against", policy, "--at", "2099-01-01").returncode
    assert 1 == verify(file, "--against", policy).returncode


def test_a_policy_without_a_start_says_nothing_of_one(policy, tmp_path):
    policy.write_text(DOCUMENT + "valid_until = 2099-01-01\n")

    done = render(policy, "shell", tmp_path / "policy.sh")

    assert "its start" not in done.stderr


def test_the_page_above_all_sets_names_each_folder(policy, tmp_path):
    render(policy, "all", tmp_path / "out")

    page = (tmp_path / "out/UPLOAD.md").read_text()
    folders = {path.name for path in (tmp_path / "out").iterdir() if path.is_dir()}
    assert folders == set(re.findall(r"\]\(([^/]+)/UPLOAD\.md\)", page))
    assert all((tmp_path / "out" / name / "UPLOAD.md").is_file() for name in folders)
