"""An endpoint with an older Tipstaff learns a version of the client from a signed document."""

import json
import subprocess

import pytest

from support.artefacts.knowledge import (
    NEW,
    NOW,
    content_with_newer,
    older_release,
    public,
    signed,
    signing_keys,
    trusting,
)
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import FORCED_CHATGPT, make_host, tipstaff
from tipstaff_policy.assessment.knowledge.making import make_content
from tipstaff_schemas.export import faults

__all__ = ["older_release", "signing_keys"]

JUDGED = ("--client", "codex", "--client-version", NEW)


@pytest.fixture
def root(signing_keys, tmp_path):
    made = make_host(tmp_path / "host", auth=chatgpt(), managed=FORCED_CHATGPT)
    trusting(made, signing_keys)
    return made


@pytest.fixture
def document(signing_keys, tmp_path):
    path = tmp_path / "knowledge.json"
    path.write_bytes(signed(signing_keys))
    return path


def report(program, root, *words):
    done = program("audit", *JUDGED, "--system-root", root, "--format", "json", *words)
    return json.loads(done.stdout)


def finding(report, check="TIP408", subject="client"):
    return next(
        entry["status"] for entry in report["findings"]
        if (entry["check"], entry["subject"]) == (check, subject)
    )  # fmt: skip


def install(program, document, root):
    return program("client", "knowledge", "install", document, "--system-root", root)


def test_an_older_release_does_not_prove_a_later_version_by_itself(older_release, root):
    assert "fail" == finding(report(older_release, root))


def test_an_older_release_learns_a_version_by_install(older_release, root, document):
    done = install(older_release, document, root)

    assert (0, "pass") == (done.returncode, finding(report(older_release, root))), done.stderr


def test_a_report_names_the_knowledge_that_a_client_is_judged_by(older_release, root, document):
    install(older_release, document, root)
    client = report(older_release, root)["client"]

    assert (True, 1, f"codex-{NEW}") == (
        client["proven"], client["knowledge"], client["precedence"]
    )  # fmt: skip


def test_a_report_says_nothing_of_knowledge_where_the_releases_own_counts(root, document):
    install(tipstaff, document, root)

    assert "knowledge" not in report(tipstaff, root)["client"]


def test_the_text_names_the_knowledge_too(older_release, root, document):
    install(older_release, document, root)
    done = older_release("audit", *JUDGED, "--system-root", root)

    assert f"codex {NEW} (option, by installed knowledge 1)" in done.stdout.splitlines()[0]


def test_what_a_version_refuses_is_learned_too(older_release, root, document):
    """0.171.0 reads `rollout_trace` and stops at one of another kind; 0.169.0 has no such key."""
    (root / "etc/codex/config.toml").write_text("rollout_trace = 1\n")
    before = report(older_release, root)["decision"]["verdict"]
    install(older_release, document, root)

    assert ("allow", "refuse") == (before, report(older_release, root)["decision"]["verdict"])


def test_what_was_learned_is_what_a_newer_release_knows_by_itself(older_release, root, document):
    (root / "etc/codex/config.toml").write_text("rollout_trace = 1\n")
    install(older_release, document, root)
    learned, own = (report(program, root)["decision"] for program in (older_release, tipstaff))

    assert own == learned


def tampered(data):
    return data.replace(b'"2026-11-30"', b'"2026-11-29"', 1)


@pytest.mark.parametrize(
    "spoil", [tampered, lambda data: data[:-200], lambda _: b"", lambda _: b"[]"]
)
def test_a_document_that_was_edited_is_refused_with_6(spoil, older_release, root, document):
    document.write_bytes(spoil(document.read_bytes()))
    done = install(older_release, document, root)

    assert (6, False) == (done.returncode, (root / "etc/tipstaff/knowledge.json").exists())


def test_a_document_without_a_signature_is_refused_with_6(root, document):
    content = json.loads(document.read_text())
    del content["signature"]
    document.write_text(json.dumps(content))
    done = install(tipstaff, document, root)

    assert (6, True) == (done.returncode, "is not signed" in done.stderr)


def test_a_document_by_another_key_is_refused_with_6(root, document, signing_keys):
    document.write_bytes(signed(signing_keys, name="stranger"))
    done = install(tipstaff, document, root)

    assert (6, True) == (done.returncode, "a key that the policy does not trust" in done.stderr)


def test_a_signature_for_another_purpose_is_refused_with_6(root, document, signing_keys):
    document.write_bytes(signed(signing_keys, purpose="tipstaff"))

    assert 6 == install(tipstaff, document, root).returncode


def test_a_host_whose_policy_names_no_key_takes_no_document(root, document):
    (root / "etc/tipstaff/policy.toml").write_text('schema = 1\nid = "x"\nversion = "1"\n')
    done = install(tipstaff, document, root)

    assert (6, True) == (done.returncode, "knowledge_keys" in done.stderr)


def test_a_host_without_a_policy_takes_no_document(root, document):
    (root / "etc/tipstaff/policy.toml").unlink()

    assert 6 == install(tipstaff, document, root).returncode


def test_a_key_in_a_fragment_of_the_policy_is_refused(root, document):
    folder = root / "etc/tipstaff"
    (folder / "policy.d").mkdir()
    (folder / "policy.toml").rename(folder / "policy.d/50.toml")

    assert 3 == install(tipstaff, document, root).returncode


def test_an_older_document_is_refused_with_6(root, document, signing_keys):
    document.write_bytes(signed(signing_keys, make_content(7, NOW)))
    install(tipstaff, document, root)
    document.write_bytes(signed(signing_keys, make_content(6, NOW)))
    done = install(tipstaff, document, root)

    assert (6, True) == (done.returncode, "counter 6" in done.stderr)


@pytest.mark.parametrize("needs", [("0.2.0", "1.0.0"), ("0.0.1", "0.1.0")])
def test_a_document_for_another_tipstaff_is_refused_with_3(needs, root, document, signing_keys):
    content = make_content(1, NOW, needs=needs)
    document.write_bytes(signed(signing_keys, content))
    done = install(tipstaff, document, root)

    assert (3, True) == (done.returncode, f"is for Tipstaff from {needs[0]}" in done.stderr)


def test_a_document_of_a_newer_schema_is_refused_with_3(root, document, signing_keys):
    document.write_bytes(signed(signing_keys, {**make_content(1, NOW), "schema": 2}))
    done = install(tipstaff, document, root)

    assert (3, True) == (done.returncode, "needs a newer Tipstaff" in done.stderr)


def test_installing_a_document_leaves_no_other_file(root, document):
    install(tipstaff, document, root)
    folder = root / "etc/tipstaff"

    assert ["knowledge.json", "policy.toml"] == sorted(path.name for path in folder.iterdir())


def test_an_installed_document_is_for_everybody_to_read(root, document):
    install(tipstaff, document, root)

    assert 0o644 == (root / "etc/tipstaff/knowledge.json").stat().st_mode & 0o777


def test_a_folder_that_others_can_write_gets_no_document(root, document):
    folder = root / "etc/tipstaff"
    install(tipstaff, document, root)
    folder.chmod(0o777)

    assert 3 == install(tipstaff, document, root).returncode


def test_export_and_verify_agree(tmp_path, signing_keys):
    path = tmp_path / "out.json"
    tipstaff("client", "knowledge", "export", path, "--key", signing_keys / "maintainer")
    pub = signing_keys / "maintainer.pub"
    done = tipstaff("client", "knowledge", "verify", path, "--trusted-key", pub)

    assert (0, True) == (done.returncode, "adds nothing to this Tipstaff" in done.stdout)


def test_an_exported_document_fits_its_schema(tmp_path, signing_keys):
    path = tmp_path / "out.json"
    tipstaff("client", "knowledge", "export", path, "--key", signing_keys / "maintainer")

    assert [] == faults("knowledge", json.loads(path.read_text()))


def test_the_counter_of_an_export_grows_by_itself(tmp_path, signing_keys):
    path = tmp_path / "out.json"
    words = ("client", "knowledge", "export", path, "--key", signing_keys / "maintainer")
    shown = [tipstaff(*words).stdout for _ in range(2)]

    assert [f"{path}: counter {number}\n" for number in (1, 2)] == shown


def test_a_program_can_sign_an_export(tmp_path, signing_keys):
    path = tmp_path / "out.json"
    command = f"ssh-keygen -q -Y sign -n tipstaff-knowledge -f {signing_keys / 'maintainer'}"
    done = tipstaff("client", "knowledge", "export", path, "--sign-cmd", command)
    pub = signing_keys / "maintainer.pub"

    assert 0 == tipstaff("client", "knowledge", "verify", path, "--trusted-key", pub).returncode, (
        done
    )


def test_a_program_that_signs_for_another_purpose_makes_no_export(tmp_path, signing_keys):
    path = tmp_path / "out.json"
    command = f"ssh-keygen -q -Y sign -n tipstaff -f {signing_keys / 'maintainer'}"
    done = tipstaff("client", "knowledge", "export", path, "--sign-cmd", command)

    assert (6, False) == (done.returncode, path.exists())


def test_an_export_without_a_key_says_that_no_host_takes_it(tmp_path):
    done = tipstaff("client", "knowledge", "export", tmp_path / "out.json")

    assert (0, True) == (done.returncode, "is not signed" in done.stderr)


def test_openssh_itself_verifies_a_document(tmp_path, signing_keys):
    """By the form that the manual describes, made without any code of Tipstaff's."""
    path, signers = tmp_path / "out.json", tmp_path / "signers"
    tipstaff("client", "knowledge", "export", path, "--key", signing_keys / "maintainer")
    content = json.loads(path.read_text())
    (tmp_path / "sig").write_text(content.pop("signature"))
    signers.write_text(f"me {public(signing_keys)}\n")
    form = json.dumps(content, sort_keys=True, separators=(",", ":")) + "\n"
    done = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", signers, "-I", "me", "-n", "tipstaff-knowledge",
         "-s", tmp_path / "sig"],
        input=form.encode(), check=False, capture_output=True,
    )  # fmt: skip

    assert 0 == done.returncode, done.stderr


def test_show_lists_what_was_learned(older_release, root, document):
    install(older_release, document, root)
    done = older_release("client", "knowledge", "show", "--system-root", root, "--format", "json")
    codex = json.loads(done.stdout)["clients"][0]["proven"]

    assert {"version": NEW, "proven_on": "2026-11-30", "known_by": "installed"} == codex[-1]


# What a document can not do.


def test_a_document_changes_no_version_that_this_release_proves(root, document, signing_keys):
    content = make_content(1, NOW)
    for row in content["clients"]["codex"]["rows"].values():
        row["hides"] = False
    before = report(tipstaff, root)["decision"]
    document.write_bytes(signed(signing_keys, content))
    done = install(tipstaff, document, root)

    assert (0, before) == (done.returncode, report(tipstaff, root)["decision"])


def test_verify_names_the_versions_of_which_this_release_keeps_its_own_data(
    root, document, signing_keys
):
    content = make_content(1, NOW)
    content["clients"]["codex"]["rows"]["0.171.0"]["federation"] = "file"
    document.write_bytes(signed(signing_keys, content))
    done = tipstaff("client", "knowledge", "verify", document, "--system-root", root)

    assert "this Tipstaff keeps its own data of: codex 0.171.0" in done.stdout.splitlines()


def test_no_document_lets_a_login_pass_that_breaks_a_rule(tmp_path, document, signing_keys):
    root = make_host(tmp_path / "other", auth=API_KEY, managed=FORCED_CHATGPT)
    trusting(root, signing_keys)
    harmless = dict.fromkeys(("hides", "takes_workspace_lists", "reads_bundle"), False)
    document.write_bytes(signed(signing_keys, content_with_newer(**harmless)))
    install(tipstaff, document, root)
    words = ("--client", "codex", "--client-version", "0.999.0", "--system-root", root)

    assert 10 == tipstaff("enforce", *words).returncode


def test_no_document_moves_the_oldest_allowed_version(tmp_path, document, signing_keys):
    root = make_host(tmp_path / "other", auth=chatgpt())
    trusting(root, signing_keys, 'oldest_client = "1.0.0"\n')
    document.write_bytes(signed(signing_keys, content_with_newer()))
    install(tipstaff, document, root)
    words = ("--client", "codex", "--client-version", "0.999.0", "--system-root", root)
    done = tipstaff("audit", *words, "--format", "json")
    found = json.loads(done.stdout)

    assert ("pass", "fail") == (finding(found), finding(found, "TIP401"))


# A document that is installed and can not be used.


def loosen(path):
    path.chmod(0o666)


def spoil(path):
    path.write_bytes(tampered(path.read_bytes()))


def link(path):
    path.unlink()
    path.symlink_to("/nowhere")


BROKEN = {
    "others can write it": loosen,
    "edited": spoil,
    "no JSON": lambda path: path.write_text("{"),
    "a link": link,
}


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_an_installed_document_that_can_not_be_used_proves_nothing(
    make, older_release, root, document
):
    install(older_release, document, root)
    make(root / "etc/tipstaff/knowledge.json")
    found = report(older_release, root)

    assert ("fail", "fail") == (finding(found), finding(found, subject="knowledge"))


@pytest.mark.parametrize("make", BROKEN.values(), ids=BROKEN)
def test_it_stops_nobody_on_a_version_that_the_release_knows(make, older_release, root, document):
    install(older_release, document, root)
    make(root / "etc/tipstaff/knowledge.json")
    words = ("--client", "codex", "--client-version", "0.169.0", "--system-root", root)

    assert 0 == older_release.guard(*words).returncode


def test_a_document_whose_key_left_the_policy_counts_no_more(
    older_release, root, document, signing_keys
):
    install(older_release, document, root)
    policy = root / "etc/tipstaff/policy.toml"
    policy.write_text(
        policy.read_text().replace(public(signing_keys), public(signing_keys, "stranger"))
    )

    assert "fail" == finding(report(older_release, root))


def test_show_says_why_a_document_is_not_used(root, document):
    install(tipstaff, document, root)
    loosen(root / "etc/tipstaff/knowledge.json")
    done = tipstaff("client", "knowledge", "show", "--system-root", root)

    assert "is not used: it could be changed by others" in done.stdout


def test_a_report_that_knowledge_was_used_for_is_simulated_by_a_host_that_has_it(
    older_release, root, document, tmp_path
):
    """Without the document this release would decide otherwise than the report, which is unknown."""
    install(older_release, document, root)
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report(older_release, root)))
    policy = root / "etc/tipstaff/policy.toml"
    done = tipstaff("policy", "simulate", policy, "--reports", path, "--format", "json")

    assert [] == json.loads(done.stdout)["unread"]


def test_a_document_that_adds_nothing_for_a_client_is_not_named_for_it(root, document):
    install(tipstaff, document, root)
    words = ("--client", "codex", "--client-version", "0.999.0", "--system-root", root)
    done = tipstaff("audit", *words, "--format", "json")

    assert "knowledge" not in json.loads(done.stdout)["client"]
