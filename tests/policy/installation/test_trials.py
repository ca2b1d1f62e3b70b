"""What is tried on one real Mac first, here on fakes: what is good, bad, and cannot be said."""

import re
from pathlib import Path

import pytest

from support.machines.fake_mac import FakeKeychain, write_program
from tipstaff_policy.installation.model import UnitState
from tipstaff_policy.installation.trials import TRIALS, macos, run_trials, windows
from tipstaff_policy.system.mac import asking, keychain, unified_log

DOCS = Path(__file__).parents[3] / "docs"
PAGE = DOCS / "try-one-first.md"
PAGES = {"macos": PAGE, "windows": DOCS / "try-one-first-windows.md"}
ADD = """\
add-generic-password)
	test "$state" = open || exit 36
	mkdir -p "{folder}/entries/$service"
	printf '%s' "$show" > "$entry"
	echo "$service" >> {folder}/own ;;
"""
WITH_SECRET = """-w) show=yes
		if test "$command" = add-generic-password; then show=$2; shift; fi ;;"""
RUNS = [
    UnitState("the system", "tipstaff.enforce", "enabled", "active"),
    UnitState("ada", "tipstaff.watch", "enabled", "active"),
]


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Let this machine answer as a Mac on which all is well."""
    fake = FakeKeychain(tmp_path / "keychain", monkeypatch)
    program = Path(fake.program)
    text = program.read_text().replace("-w) show=yes ;;", WITH_SECRET)
    end = "*) exit 2 ;;\nesac\nexit 0"
    program.write_text(text.replace(end, ADD.format(folder=fake.folder) + end))
    (tmp_path / "login.keychain-db").touch()
    fake.lists(tmp_path / "login.keychain-db")
    log = tmp_path / "log"
    monkeypatch.setattr(
        unified_log, "LOGGER", write_program(tmp_path / "logger", f"#!/bin/sh\ncat >{log}\n")
    )
    monkeypatch.setattr(
        macos,
        "LOG",
        write_program(tmp_path / "show", f'#!/bin/sh\necho "Filtering: $*"\ncat {log}\n'),
    )
    monkeypatch.setattr(
        macos, "PKGUTIL", write_program(tmp_path / "pkgutil", "#!/bin/sh\nexit 0\n")
    )
    monkeypatch.setattr(macos, "PROGRAMS", (fake.program,))
    monkeypatch.setattr(macos, "FOLDERS", ("/usr/bin",))
    monkeypatch.setattr(macos, "LOG_PAUSE_S", 0)
    for module in (asking, unified_log):
        monkeypatch.setattr(module, "ask_program", asking._run)
    monkeypatch.setattr(asking, "ask_frameworks", lambda *_: {"forced": {}})
    monkeypatch.setattr(macos.launchd, "read_states", lambda: RUNS)
    return fake


def marks():
    return {found.name: found.mark for found in run_trials("macos")}


def test_a_mac_on_which_all_is_well_is_good(fake):
    assert {"good"} == set(marks().values())


def test_nothing_of_the_trial_stays_in_the_keychain(fake):
    run_trials("macos")

    assert [] == fake.entries()


def test_a_locked_keychain_cannot_tell(fake):
    fake.state("locked")

    assert "cannot tell" == marks()["mac: keychain, made-up entry"]


def test_an_entry_that_stays_after_its_removal_is_bad(fake, monkeypatch):
    monkeypatch.setattr(keychain, "remove", lambda *_, **__: None)

    assert "bad" == marks()["mac: keychain, made-up entry"]


def test_an_entry_that_is_read_otherwise_than_written_is_bad(fake, monkeypatch):
    monkeypatch.setattr(keychain, "read_secret", lambda *_, **__: "another")

    assert "bad" == marks()["mac: keychain, made-up entry"]


def test_what_is_found_though_no_one_made_it_is_bad(fake):
    fake.add("tipstaff-doctor", "none", "x")

    assert "bad" == marks()["mac: keychain, no entry"]


def test_a_session_without_a_screen_cannot_tell(fake):
    fake.session("Background")

    assert "cannot tell" == marks()["mac: session"]


@pytest.mark.parametrize("answer", [None, {"forced": {"made-up": 1}}])
def test_frameworks_that_do_not_answer_cannot_tell(answer, fake, monkeypatch):
    monkeypatch.setattr(asking, "ask_frameworks", lambda *_: answer)

    assert "cannot tell" == marks()["mac: forced preferences"]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (None, ("cannot tell", "cannot tell")),
        ([RUNS[0]], ("good", "cannot tell")),
        ([RUNS[0]._replace(active="not loaded"), RUNS[1]], ("bad", "good")),
        ([RUNS[0], RUNS[1]._replace(enabled="disabled")], ("good", "bad")),
    ],
)
def test_services_are_what_launchd_says(states, expected, fake, monkeypatch):
    monkeypatch.setattr(macos.launchd, "read_states", lambda: states)
    found = marks()

    assert expected == (found["mac: daemons"], found["mac: agent"])


def test_a_line_that_the_log_does_not_show_cannot_tell(fake, monkeypatch, tmp_path):
    program = write_program(tmp_path / "empty", '#!/bin/sh\necho "Filtering: $*"\n')
    monkeypatch.setattr(macos, "LOG", program)

    assert "cannot tell" == marks()["mac: unified log"]


def test_a_folder_that_others_can_change_is_bad(fake, monkeypatch, tmp_path):
    (tmp_path / "loose").mkdir()
    (tmp_path / "loose").chmod(0o777)
    monkeypatch.setattr(macos, "FOLDERS", (str(tmp_path / "loose"),))

    assert "bad" == marks()["mac: folders"]


def test_a_platform_that_tests_run_on_has_no_trials():
    assert () == run_trials("linux")


@pytest.mark.parametrize("platform", TRIALS)
def test_the_page_has_the_command_of_every_trial(platform):
    page = PAGES[platform].read_text()
    trials = {"macos": macos.TRIALS, "windows": windows.TRIALS}[platform]

    assert [] == [trial.name for trial in trials if trial.command not in page]


def test_the_page_has_ten_commands_for_a_mac():
    part = PAGE.read_text().partition("## One Mac")[2].partition("\n## ")[0]

    assert list(map(str, range(1, 11))) == re.findall(r"^### (\d+)\. ", part, re.MULTILINE)
