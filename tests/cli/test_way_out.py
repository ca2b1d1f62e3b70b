"""An error of a wrong call says what was expected and what to do."""

import pytest
from example_hosts import copy_host

from support.artefacts.policies import ROOT
from support.machines.hosts import audit, make_host, tipstaff

MISSING = {
    "lint": ("policy", "lint", "nofile.toml"),
    "show": ("policy", "show", "nofile.toml"),
    "diff": ("policy", "diff", "nofile.toml", "nofile.toml"),
    "simulate": ("policy", "simulate", "nofile.toml", "--hosts", "."),
    "render": ("policy", "render", "nofile.toml", "--to", "all", "--out", "out"),
    "verify": ("policy", "verify", "nofile.toml"),
    "sign": ("policy", "sign", "nofile.toml", "--key", "nokey"),
    "convert": ("report", "convert", "nofile.json", "--to", "html"),
    "merge": ("report", "merge", "nofile.json", "--to", "csv"),
    "report diff": ("report", "diff", "nofile.json", "nofile.json"),
    "key of a report": ("report", "verify", "nofile.json", "--trusted-key", "nokey"),
}


@pytest.mark.parametrize("words", MISSING.values(), ids=MISSING)
def test_a_missing_file_is_named_with_what_to_do(words, tmp_path):
    done = tipstaff(*words, cwd=tmp_path)

    assert "error: no" in done.stderr
    assert "  expected: " in done.stderr
    assert "  to do:    " in done.stderr
    assert "delete" not in done.stderr


def test_a_missing_folder_for_output_is_to_be_created(tmp_path):
    done = audit(make_host(tmp_path / "host"), "--report", f"json:{tmp_path}/no/r.json")

    assert f"to do:    create {tmp_path}/no, or choose another place" in done.stderr


def test_lint_of_a_package_names_what_reads_it(tmp_path):
    package = tmp_path / "policy.deb"
    package.write_bytes(b"!<arch>\n\0\1")

    done = tipstaff("policy", "lint", package)

    assert (2, True) == (
        done.returncode,
        "`tipstaff policy verify` reads an artefact" in done.stderr,
    )


def test_a_missing_argument_is_named_with_the_whole_command():
    assert "expected: `tipstaff policy diff A B`" in tipstaff("policy", "diff", "a").stderr


@pytest.mark.parametrize(
    "command", [("render", "--to", "all", "--out", "out"), ("simulate", "--hosts", ".")]
)
def test_an_author_does_not_read_what_was_not_removed_from_a_host(command, tmp_path):
    (tmp_path / "p.toml").write_text(f"{ROOT}login_method = []\n")

    done = tipstaff("policy", command[0], "p.toml", *command[1:], cwd=tmp_path)

    assert "expected: `login_methods`\n" in done.stderr
    assert "removed" not in done.stderr


def test_a_policy_that_is_not_valid_is_named_once_before_its_faults(tmp_path):
    (tmp_path / "p.toml").write_text(f"{ROOT}login_method = []\n")

    done = tipstaff("policy", "show", "p.toml", cwd=tmp_path)

    assert done.stderr.startswith("error: p.toml: is no valid policy\n  p.toml:")


FAULTS = {
    "no list": ('login_methods = "api"\n', 'expected: a list, such as ["…"]'),
    "dates": (
        "warn_from = 2030-02-01\nenforce_from = 2030-01-01\n",
        "expected: a moment that is not before warn_from",
    ),
    "a cohort": ('cohort = "5%"\n', "expected: enforce_from as well"),
}


@pytest.mark.parametrize(("text", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_of_a_policy_says_what_is_expected(text, expected, tmp_path):
    (tmp_path / "p.toml").write_text(ROOT + text)

    done = tipstaff("policy", "render", "p.toml", "--to", "all", "--out", "out", cwd=tmp_path)

    assert expected in done.stderr


def test_why_says_what_is_expected_of_a_policy_and_whom_to_ask(tmp_path):
    root = copy_host("malformed-policy", tmp_path)

    done = tipstaff("why", "--client", "codex", "--system-root", root)

    assert "\nexpected: /etc/" in done.stdout, done
    assert "\nask:   the administrators of this machine" in done.stdout


def test_why_writes_its_verdict_as_words(tmp_path):
    root = copy_host("unmanaged", tmp_path)
    (root / "home/dev/.codex/auth.json").unlink(missing_ok=True)

    done = tipstaff("why", "--client", "codex", "--system-root", root)

    assert "\nnot logged in: " in done.stdout, done
    assert ", entry point exec\n" in done.stdout
