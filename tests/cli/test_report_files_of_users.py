"""Reports of a root run: one document of all users, in every format, signed after their turns."""

import pytest

from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, run, tipstaff
from support.machines.local_users import NEEDS_ROOT
from tipstaff_reports.formats import MODULES, load_format
from tipstaff_reports.model import as_audit
from tipstaff_schemas.saved import read_saved

pytestmark = [NEEDS_ROOT, pytest.mark.xdist_group("users")]


@pytest.fixture
def own(tmp_path):
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "key"])
    return tmp_path / "key"


def test_a_root_run_writes_every_format_and_signs_each(machine, tmp_path, own):
    machine.rule(FORCED_CHATGPT)
    machine.sign_in("alice")
    words = [word for form in MODULES for word in ("--report", f"{form}:{tmp_path / form}")]

    done = machine.run(
        BIN / "tipstaff", "audit", *VERSION, "--all-users", *words, "--sign-key", own,
        "--framework", "soc2",
    )  # fmt: skip

    assert 1 == done.returncode, done.stderr
    document = as_audit(read_saved((tmp_path / "json").read_bytes(), "json"))
    assert "alice" in {report.run.user for report in document.reports}
    assert {"soc2"} == {one.id for report in document.reports for one in report.frameworks}
    assert {form: load_format(form).render(document) for form in MODULES} == {
        form: (tmp_path / form).read_bytes().decode() for form in MODULES
    }
    verified = [
        tipstaff("report", "verify", tmp_path / form, "--trusted-key", f"{own}.pub").returncode
        for form in MODULES
    ]
    assert [0] * len(MODULES) == verified


def test_a_key_that_is_none_leaves_nothing_of_a_root_run(machine, tmp_path, own):
    own.write_text("no key")

    done = machine.run(
        BIN / "tipstaff", "audit", *VERSION, "--all-users", "--report", f"json:{tmp_path / 'a'}",
        "--sign-key", own,
    )  # fmt: skip

    assert 2 == done.returncode
    assert "" == done.stdout
    assert ["key", "key.pub"] == sorted(path.name for path in tmp_path.iterdir() if path.is_file())
