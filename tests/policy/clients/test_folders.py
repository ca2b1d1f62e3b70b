"""The folder that the client really uses: named by a file, by odd variables, or from elsewhere."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest

from support.artefacts.policies import ROOT
from support.clients.logins import API_KEY, chatgpt
from support.machines.hosts import BIN, VERSION, credential, make_host, run, run_guard, tipstaff
from support.machines.local_users import NEEDS_ROOT
from support.machines.private_etc import in_private_etc
from tipstaff_policy import guard
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.facts.running import find_running
from tipstaff_policy.clients.codex.home_folder import settle
from tipstaff_policy.errors import EvaluationError
from tipstaff_policy.model.request import ReadOptions, Request

ONLY_CHATGPT = ROOT + 'login_methods = ["chatgpt"]\n'


class Person:
    """A person on a machine whose policy allows ChatGPT alone."""

    def __init__(self, folder, policy=ONLY_CHATGPT):
        self.folder = folder
        self.home = folder / "home"
        self.codex = self.home / ".codex"
        self.codex.mkdir(parents=True)
        etc, self.front = in_private_etc(folder)
        (etc / "tipstaff").mkdir()
        (etc / "tipstaff/policy.toml").write_text(policy)

    def put(self, place, content=API_KEY):
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
        place.chmod(0o600)
        return place

    def run(self, *words, env=None, cwd=None):
        env = {"HOME": str(self.home), "PATH": os.environ["PATH"], **(env or {})}
        return run([*self.front, *words], env=env, cwd=cwd or self.folder)

    def guard(self, *words, **options):
        program = (sys.executable, "-I", "-S", guard.__file__, *VERSION, "--")
        return self.run(*program, *(words or ("sh", "-c", "echo started")), **options)

    def audit(self, **options):
        done = self.run(BIN / "tipstaff", "audit", *VERSION, "--format", "json", **options)
        return json.loads(done.stdout), done.returncode


@pytest.fixture
def person(tmp_path):
    return Person(tmp_path)


def test_a_home_named_in_the_file_leads_the_guard_to_the_login(person):
    key = person.put(person.folder / "other/.codex/auth.json")
    person.put(person.codex / ".env", f"HOME={person.folder}/other\n")

    done = person.guard()

    assert 10 == done.returncode, done.stderr
    assert "" == done.stdout, done.stderr
    assert not key.exists(), done.stderr


def test_a_home_named_in_the_file_leads_the_audit_to_the_login(person):
    person.put(person.folder / "other/.codex/auth.json")
    person.put(person.codex / ".env", f"HOME={person.folder}/other\n")

    report, _ = person.audit()

    assert report["summary"]["compliant"] is False
    assert str(person.folder / "other/.codex") == report["state"]["home"]
    assert f"HOME in {person.codex}/.env:1" == report["state"]["home_from"]
    assert {"TIP101"} <= {
        finding["check"] for finding in report["findings"] if finding["status"] == "fail"
    }


def test_the_login_of_the_folder_that_holds_the_file_goes_too(person):
    left = person.put(person.codex / "auth.json")
    person.put(person.folder / "other/.codex/auth.json", chatgpt())
    person.put(person.codex / ".env", f"HOME={person.folder}/other\n")

    done = person.guard()

    assert 10 == done.returncode
    assert not left.exists()


def test_a_file_in_the_next_folder_is_followed_as_further_processes_do(person):
    last = person.put(person.folder / "third/.codex/auth.json")
    person.put(person.codex / ".env", f"HOME={person.folder}/other\n")
    person.put(person.folder / "other/.codex/.env", f"HOME={person.folder}/third\n")

    assert 10 == person.guard().returncode
    assert not last.exists()


def test_a_named_folder_is_not_moved_by_the_file(person):
    key = person.put(person.folder / "other/.codex/auth.json")
    person.put(person.codex / ".env", f"HOME={person.folder}/other\n")

    done = person.guard(env={"CODEX_HOME": str(person.codex)})

    assert 0 == done.returncode, done.stderr
    assert key.exists(), done.stderr


def test_a_folder_that_cannot_be_told_starts_nothing(person):
    person.put(person.codex / ".env", f"HOME={person.folder}/$\u0345x\n")

    done = person.guard()

    assert 4 == done.returncode
    assert "" == done.stdout
    assert "U+0345" in done.stderr


def test_a_file_too_large_to_read_is_never_compliant(person):
    with person.put(person.codex / ".env", "").open("r+b") as file:
        file.truncate(17 << 20)

    report, code = person.audit()

    assert 4 == code
    assert report["summary"]["compliant"] is False


@pytest.mark.parametrize("kind", ["folder", "pipe", "dangling link", "device"])
def test_what_is_no_ordinary_file_changes_nothing(kind, person):
    place = person.codex / ".env"
    make = {
        "folder": place.mkdir,
        "pipe": lambda: os.mkfifo(place),
        "dangling link": lambda: place.symlink_to("/nowhere"),
        "device": lambda: place.symlink_to("/dev/zero"),
    }
    make[kind]()
    key = person.put(person.codex / "auth.json")

    assert 10 == person.guard().returncode
    assert not key.exists()


def test_a_client_home_that_is_no_utf8_counts_as_not_set(person):
    key = person.put(person.codex / "auth.json")
    odd = os.fsencode(person.folder) + b"/x\xff"
    os.mkdir(odd)

    done = person.guard(env={"CODEX_HOME": os.fsdecode(odd)})

    assert 10 == done.returncode, done.stderr
    assert not key.exists(), done.stderr


def test_a_key_that_is_no_utf8_is_no_credential(person):
    person.put(person.codex / "auth.json", chatgpt())

    done = person.guard(env={"CODEX_API_KEY": "made-up-\udcff"})

    assert 0 == done.returncode, done.stderr
    assert "started\n" == done.stdout, done.stderr


def test_a_relative_folder_is_that_of_the_process_not_of_the_start(person):
    here, there = person.folder / "here/h", person.folder / "there"
    used, nearby = person.put(here / "auth.json"), person.put(there / "h/auth.json")
    script = person.put(person.folder / "codex", "#!/bin/sh\necho started\n")
    script.chmod(0o700)

    done = person.guard(
        str(script), "exec", "-C", str(there), "hi", env={"CODEX_HOME": "h"}, cwd=here.parent
    )

    assert 10 == done.returncode, done.stderr
    assert not used.exists(), done.stderr
    assert nearby.exists(), done.stderr


@NEEDS_ROOT
def test_a_waiver_is_for_the_user_of_the_process_not_for_an_owner_of_folders(tmp_path):
    waived = ONLY_CHATGPT + (
        '[[waivers]]\ncheck = "TIP101"\nuser = "nobody"\nowner = "a"\napprover = "b"\n'
        'ticket = "c"\nreason = "d"\nexpires = 2999-01-01\n'
    )
    person = Person(tmp_path, waived)
    folder = person.put(tmp_path / "shared/auth.json").parent
    shutil.chown(folder, 65534, 65534)

    done = person.guard(env={"CODEX_HOME": str(folder)})

    assert 10 == done.returncode, done.stderr


@pytest.mark.parametrize("words", [("guard",), ("tipstaff", "enforce"), ("tipstaff", "audit")])
def test_a_removed_working_folder_is_said_and_nothing_else(words, person):
    gone = person.folder / "gone"
    gone.mkdir()
    program, *rest = words
    front = (
        [sys.executable, "-I", "-S", guard.__file__] if program == "guard" else [BIN / "tipstaff"]
    )

    done = person.run(
        "sh", "-c", 'rmdir "$1"; shift; exec "$@"', "sh", gone, *front, *rest, cwd=gone
    )

    assert 4 == done.returncode, done.stderr
    assert "the working folder was removed" in done.stderr


@NEEDS_ROOT
def test_neither_home_nor_account_is_said_and_nothing_else(person):
    without = ("env", "-u", "HOME", "setpriv", "--reuid=64999", "--regid=64999", "--clear-groups")
    os.chmod(person.folder, 0o755)

    done = person.run(*without, sys.executable, "-I", "-S", guard.__file__, cwd="/")

    assert 4 == done.returncode, done.stderr
    assert "HOME is not set, and user 64999 has no account here" in done.stderr


def test_a_folder_that_is_a_link_is_judged_and_emptied(person):
    key = person.put(person.folder / "elsewhere/auth.json")
    person.codex.rmdir()
    person.codex.symlink_to(person.folder / "elsewhere")

    report, _ = person.audit()
    done = person.guard()

    assert [] == [finding for finding in report["findings"] if finding["status"] == "error"]
    assert 10 == done.returncode
    assert not key.exists()


ONLY_KEYS = ROOT + 'login_methods = ["api"]\n'
WORKLOAD = {"OPENAI_FEDERATION_RULE_ID": "r", "OPENAI_IDENTITY_TOKEN_FILE": "/run/token"}


def test_a_workload_identity_that_is_not_allowed_starts_nothing(tmp_path):
    person = Person(tmp_path, ONLY_KEYS)
    person.put(person.codex / "auth.json")

    done = person.guard(env=WORKLOAD)

    assert 11 == done.returncode
    assert "" == done.stdout
    assert (person.codex / "auth.json").exists()
    assert "OPENAI_FEDERATION_RULE_ID" in done.stderr


def test_a_workload_identity_is_taken_from_the_client_as_a_whole(tmp_path):
    scrubbed = 'environment_credentials = "forbid"\nscrub_environment = true\n'
    person = Person(tmp_path, ROOT + scrubbed)

    done = person.guard("env", env=WORKLOAD)

    assert 0 == done.returncode, done.stderr
    assert "OPENAI_" not in done.stdout


def test_a_workload_identity_that_the_file_chooses_cannot_be_taken_away(tmp_path):
    scrubbed = 'environment_credentials = "forbid"\nscrub_environment = true\n'
    person = Person(tmp_path, ROOT + scrubbed)
    lines = "".join(f"{name}={value}\n" for name, value in WORKLOAD.items())
    person.put(person.codex / ".env", lines)

    done = person.guard()

    assert 11 == done.returncode, done.stderr
    assert "" == done.stdout, done.stderr


def test_an_image_is_judged_by_the_folder_that_its_file_names(tmp_path):
    root = make_host(tmp_path / "host", auth=None, managed='forced_login_method = "chatgpt"\n')
    (root / "home/dev/.codex/.env").write_text("HOME=/srv/dev\n")
    moved = root / "srv/dev/.codex/auth.json"
    moved.parent.mkdir(parents=True)
    moved.write_text(API_KEY)

    done = run_guard(root)

    assert 10 == done.returncode, done.stderr
    assert not moved.exists(), done.stderr


def test_an_image_whose_file_asks_for_an_unknown_variable_is_not_judged(tmp_path):
    root = make_host(tmp_path / "host", auth=None, managed='forced_login_method = "chatgpt"\n')
    (root / "home/dev/.codex/.env").write_text("HOME=$WORK/dev\n")

    done = run_guard(root)

    assert 4 == done.returncode
    assert "'WORK' is not known here" in done.stderr


ACCOUNTS = {
    "by the folder of users": ("home/dev", None, "dev"),
    "by the list of accounts": ("data/17", "ada:x:17:17::/data/17:/bin/sh\n", "ada"),
    "in neither": ("data/17", "ada:x:17:17::/data/18:/bin/sh\n", "not known"),
    "of two accounts": ("data/17", "a:x:1:1::/data/17:\nb:x:2:2::/data/17/:\n", "not known"),
}


@pytest.mark.parametrize(("home", "listed", "user"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_the_person_of_an_image_is_the_one_whose_home_it_is(home, listed, user, tmp_path):
    root = make_host(tmp_path / "host")
    if listed:
        (root / "etc/passwd").write_text(listed)
    if home != "home/dev":
        (root / home).parent.mkdir()
        shutil.move(root / "home/dev", root / home)
    words = ("--codex-home", root / home / ".codex")

    done = tipstaff("audit", *VERSION, "--system-root", root, *words, "--format", "json")

    assert user == json.loads(done.stdout)["run"]["user"]
    assert credential(root).exists() == (home == "home/dev")


def test_only_the_file_costs_the_parser(tmp_path):
    loaded = "import sys\nfrom tipstaff_policy.clients.codex.adapter import ADAPTER\nfrom tipstaff_policy.model.request import Request\nADAPTER.read_state(Request({'HOME': %r}, '/', 0))\nprint('tipstaff_policy.clients.codex.dotenv' in sys.modules)"
    (tmp_path / ".codex").mkdir()

    before = run([sys.executable, "-c", loaded % str(tmp_path)])
    (tmp_path / ".codex/.env").write_text("A=b\n")
    after = run([sys.executable, "-c", loaded % str(tmp_path)])

    assert "False\n" == before.stdout, before.stderr
    assert "True\n" == after.stdout, before.stderr


def test_root_for_whom_nobody_asked_stays_out_of_folders_that_others_can_change(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / ".codex").mkdir()
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose").chmod(0o777)
    (tmp_path / ".codex/.env").write_text(f"HOME={tmp_path}/loose\n")
    request = Request({"HOME": str(tmp_path)}, "/", 0, options=ReadOptions(unasked=True))

    with pytest.raises(EvaluationError, match="leads root to a folder"):
        settle(request)


def test_a_running_client_belongs_to_the_folder_that_its_file_names(person):
    folder = person.folder / "other/.codex"
    folder.mkdir(parents=True)
    person.put(person.codex / ".env", f"HOME={person.folder}/other\n")
    program = shutil.copy("/bin/sleep", person.folder / "codex")
    with subprocess.Popen([program, "60"], env={"HOME": str(person.home)}, cwd="/") as client:
        time.sleep(0.3)  # until the program is the client's
        here = {entry.pid: entry.here for entry in find_running(str(folder)).clients}
        client.kill()

    assert here[client.pid]


@pytest.mark.parametrize("linked", ["auth.json", ""])
def test_a_login_that_only_some_processes_find_is_not_known_to_be_absent(linked, tmp_path):
    """Else a link to the working folder would hide it from every run but the client's own."""
    home, work = tmp_path / "home/.codex", tmp_path / "work"
    work.mkdir()
    (work / "auth.json").write_text(API_KEY)
    place = home / linked if linked else home
    place.parent.mkdir(parents=True)
    place.symlink_to(f"/proc/self/cwd/{linked}")
    request = Request(
        {"HOME": str(home.parent)}, "/", 0, options=ReadOptions(lean=True, every_place=True)
    )

    places = load_client("codex").read_state(request).everywhere()

    (found,) = (candidate for candidate in places if candidate.source == "file")
    assert "unreadable" == found.content.state
    assert "unknown" == found.content.effect
