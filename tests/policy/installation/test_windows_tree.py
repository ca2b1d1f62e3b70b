"""Installing, upgrading and uninstalling on a tree that stands for a Windows."""

import shutil
from pathlib import Path

import pytest

from support.machines.setups import snapshot
from tipstaff_policy import errors
from tipstaff_policy.installation import windows_steps
from tipstaff_policy.installation.commands import install, look, uninstall
from tipstaff_policy.installation.model import Wanted
from tipstaff_policy.installation.platforms.windows import GUARD, LAUNCHER, PLACES, PYTHON, WINDOWS
from tipstaff_policy.installation.scheduled_tasks import TASKS, place_of, task_files
from tipstaff_policy.installation.status import diagnose_status

NPM = Path(__file__).parent.parent / "clients/npm_launchers"
NODEJS, RELEASE = "Program Files/nodejs", "Program Files/WinGet/Links"
ENTRIES = (*(f"{NODEJS}/codex{ending}" for ending in ("", ".cmd", ".ps1")), f"{RELEASE}/codex.exe")
ASIDE = PLACES.aside[1:]
PROGRAM = b"MZ launcher"
TIGHT = "O:BAG:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;0x1200a9;;;BU)"
LOOSE = f"{TIGHT}(A;OICI;0x1301bf;;;BU)"


def wanted(version="0.1.0", launcher=PROGRAM, folders=()):
    files = task_files(PYTHON)
    return Wanted(version, PYTHON, GUARD, ("codex",), folders, files, "windows", launcher)


@pytest.fixture
def root(tmp_path):
    """Lay out a Windows with Tipstaff's folder, npm's launchers and a client from a release."""
    root = tmp_path / "root"
    for path in (PYTHON, GUARD, LAUNCHER):
        place = root / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(PROGRAM)
        place.chmod(0o755)
    for folder in (NODEJS, RELEASE, "ProgramData"):
        (root / folder).mkdir(parents=True)
    for path in NPM.iterdir():
        shutil.copy(path, root / NODEJS)
    (root / RELEASE / "codex.exe").write_bytes(b"MZ client")
    for path in (root, *root.rglob("*")):
        path.chmod(0o755)
    return root


def installed(root, **how):
    return install(str(root), wanted(**how), dry_run=False)


def uninstalled(root, **how):
    return uninstall(str(root), wanted(**how), dry_run=False)


def bad(root, **how):
    symptoms = diagnose_status(look(str(root), wanted(**how), ()))
    return [f"{symptom.name}: {symptom.observed}" for symptom in symptoms if symptom.mark == "bad"]


def shim_at(root, entry):
    return WINDOWS.fronting.parse_shim((root / entry).read_bytes())


def test_an_uninstall_leaves_what_was_there_before(root):
    before = snapshot(root)

    first, last = installed(root), uninstalled(root)

    assert (0, 0) == (first.exit_code, last.exit_code)
    assert before == snapshot(root)


@pytest.mark.parametrize("entry", ENTRIES)
def test_each_kind_of_launcher_gets_a_shim_of_its_kind(entry, root):
    client = (root / entry).read_bytes()

    installed(root)

    shim = shim_at(root, entry)
    assert (PYTHON, GUARD, f"/{ASIDE}/{entry}") == (shim.python, shim.guard, shim.client)
    assert client == (root / ASIDE / entry).read_bytes()


def test_a_second_installation_changes_nothing(root):
    installed(root)
    before = snapshot(root)

    assert ((), 0) == installed(root)
    assert before == snapshot(root)
    assert [] == bad(root)


def test_every_task_has_its_definition(root):
    installed(root)

    for task, file in zip(TASKS, task_files(PYTHON), strict=True):
        assert file.content == (root / place_of(task)[1:]).read_bytes()


def test_an_upgrade_writes_every_shim_again_and_nothing_else(root):
    installed(root)

    steps = [step.step.path for step in installed(root, version="0.2.0").steps]

    assert {f"/{entry}" for entry in ENTRIES} | {PLACES.manifest} == set(steps)
    assert [] == bad(root, version="0.2.0")


def test_two_versions_at_once_are_named(root):
    installed(root)

    found = bad(root, version="0.2.0")

    assert "installation: of Tipstaff 0.1.0; this is 0.2.0" in found
    assert f"shim /{NODEJS}/codex.cmd: is of Tipstaff 0.1.0; this is 0.2.0" in found


def test_an_update_of_npm_is_seen_and_repaired(root):
    installed(root)
    shutil.copy(NPM / "codex.cmd", root / NODEJS)

    seen = bad(root)
    installed(root)

    why = "was replaced by a client, as `npm update -g` does: the guard stands aside"
    assert [f"shim /{NODEJS}/codex.cmd: {why}"] == seen
    assert [] == bad(root)


def test_a_half_finished_installation_is_completed(root):
    installed(root)
    (root / place_of(TASKS[0])[1:]).unlink()
    (root / ENTRIES[1]).write_bytes((root / ASIDE / ENTRIES[1]).read_bytes())

    installed(root)

    assert [] == bad(root)


def test_without_the_launcher_a_program_is_left_and_named(root):
    done = installed(root, launcher=b"")

    left = [step.step for step in done.steps if step.outcome == "left"]
    assert errors.FINDINGS_EXIT == done.exit_code
    assert [f"/{RELEASE}/codex.exe"] == [step.path for step in left]
    assert "the launcher /Program Files/Tipstaff/launcher.exe is missing" in left[0].detail


def listing(root, **loose):
    """Write the descriptors of every place, as the file next to an image lists them."""
    lines = []
    for place in (root, *root.rglob("*")):
        inside = place.relative_to(root).as_posix()
        path = "C:\\" + inside.replace("/", "\\").replace(".", "", inside == ".")
        lines.append(f"{path}\t{loose.get(inside, TIGHT)}")
    (root / "security-descriptors.tsv").write_text("\n".join(lines) + "\n")


def test_a_folder_of_programs_that_users_can_write_gets_no_shim(root):
    listing(root, **{NODEJS: LOOSE})

    done = installed(root)

    left = {step.step.path for step in done.steps if step.outcome == "left"}
    assert {f"/{NODEJS}/codex{ending}" for ending in ("", ".cmd", ".ps1")} == left
    assert shim_at(root, f"{RELEASE}/codex.exe")


def test_a_guard_that_users_can_write_is_refused(root):
    listing(root, **{"Program Files/Tipstaff/packages/tipstaff_policy": LOOSE})

    with pytest.raises(errors.EvaluationError) as caught:
        installed(root)

    assert "lets the group Users" in caught.value.what
    assert "msiexec /i" in caught.value.remedy


def test_a_definition_that_another_wrote_is_left(root):
    place = root / place_of(TASKS[0])[1:]
    place.parent.mkdir(parents=True)
    place.write_text("<Task/>")

    done = installed(root)

    assert [place_of(TASKS[0])] == [s.step.path for s in done.steps if s.outcome == "left"]
    assert "<Task/>" == place.read_text()


def test_a_client_that_was_removed_leaves_no_shim_behind(root):
    installed(root)
    shutil.rmtree(root / ASIDE / RELEASE)

    assert any("blocks: the client behind it is gone" in line for line in bad(root))
    installed(root)
    assert not (root / RELEASE / "codex.exe").exists()


# a program that runs


def test_a_program_that_runs_is_renamed_and_replaced(tmp_path, monkeypatch):
    place, new = tmp_path / "codex.exe", tmp_path / "codex.exe.new"
    place.write_text("runs")
    new.write_text("new")
    monkeypatch.setattr(windows_steps.os, "replace", refused)

    windows_steps.take_place(str(new), str(place))

    assert "new" == place.read_text()


def refused(*_paths):
    raise PermissionError(13, "Access is denied")


def test_a_program_that_cannot_even_be_renamed_keeps_its_name(tmp_path, monkeypatch):
    place, new = tmp_path / "codex.exe", tmp_path / "codex.exe.new"
    place.write_text("runs")
    new.write_text("new")
    monkeypatch.setattr(windows_steps.os, "replace", refused)
    rename = windows_steps.os.rename
    monkeypatch.setattr(
        windows_steps.os, "rename",
        lambda old, name: refused() if old == str(new) else rename(old, name),
    )  # fmt: skip

    with pytest.raises(PermissionError):
        windows_steps.take_place(str(new), str(place))

    assert "runs" == place.read_text()


def test_what_is_left_of_a_program_is_removed_once_it_has_ended(tmp_path):
    place, old = tmp_path / "codex.exe", tmp_path / "codex.exe.tipstaff-old-7"
    old.write_text("ended")

    windows_steps.clear_old(str(place))

    assert not old.exists()
