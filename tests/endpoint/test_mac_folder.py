"""What a package for Macs installs, and what its scripts do; no Mac takes part.

Fakes stand for `pkgbuild`, `pkgutil`, `launchctl` and `tipstaff`; the paths of a Mac are those of
a folder of the test's.
"""

import hashlib
import os
import shutil
import subprocess
import tarfile

import pytest

import mac_folder
from support.machines.fake_mac import write_program
from tipstaff_policy.clients.shim import Shim, render_shim
from tipstaff_policy.installation import launchd
from tipstaff_policy.installation.platforms.macos import PLACES

AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="as root alone")
SCRIPTS = [
    mac_folder.PARTS / "package.sh",
    mac_folder.PARTS / "uninstall.sh",
    mac_folder.PARTS / "scripts/preinstall",
    mac_folder.PARTS / "scripts/postinstall",
]
TIPSTAFF = '#!/bin/sh\necho "$*" >>{root}/log\ntest ! -e {root}/code || exit "$(cat {root}/code)"\n'
VERSION = "3.99"


@pytest.fixture
def archive(tmp_path):
    """Return an archive laid out like a Python that can be put anywhere."""
    python = tmp_path / "python"
    for name in ("bin", f"lib/python{VERSION}/test", f"lib/python{VERSION}/site-packages/pip"):
        (python / name).mkdir(parents=True)
    (python / f"bin/python{VERSION}").write_bytes(b"\xcf\xfa\xed\xfe made up")
    (python / "bin/python3").symlink_to(f"python{VERSION}")
    (python / "bin/pip3").write_text("#!/usr/bin/env python3\n")
    (python / f"lib/python{VERSION}/os.py").write_text("")
    (python / f"lib/python{VERSION}/test/big.py").write_text("")
    with tarfile.open(tmp_path / "python.tar.gz", "w:gz") as packed:
        packed.add(python, "python")
    return tmp_path / "python.tar.gz"


@pytest.fixture
def folder(archive, tmp_path, monkeypatch):
    """Lay the folder out, with a package of a few lines in place of Tipstaff's."""

    def install(target, version, processor):
        (target / "tipstaff_policy").mkdir(parents=True)
        (target / "tipstaff_policy/guard.py").write_text(f"# {version} {processor}\n")

    monkeypatch.setattr(mac_folder, "_install_packages", install)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    mac_folder.build(tmp_path / "mac", archive, digest, "arm64")
    return tmp_path / "mac"


def test_every_file_has_its_hash(folder):
    listed = dict(
        line.split("  ")[::-1]
        for line in (folder / mac_folder.LIST).read_text().splitlines()
        if not line.startswith("#")
    )
    files = [
        path for path in (folder / "root").rglob("*") if path.is_file() and not path.is_symlink()
    ]

    assert listed == {
        str(path.relative_to(folder / "root")): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_the_folder_has_what_runs_and_nothing_else_of_python(folder):
    place = folder / "root/opt/tipstaff"

    assert {"python3", f"python{VERSION}", "tipstaff", "tipstaff-guard"} == {
        path.name for path in (place / "bin").iterdir()
    }
    assert not (place / f"lib/python{VERSION}/test").exists()
    assert not (place / f"lib/python{VERSION}/site-packages").exists()


def test_a_program_names_the_python_beside_it(folder):
    for name, flags in (("tipstaff", "-I"), ("tipstaff-guard", "-IS")):
        first = (folder / f"root/opt/tipstaff/bin/{name}").read_text().splitlines()[0]

        assert f"#!/opt/tipstaff/bin/python3 {flags}" == first


def test_the_path_of_every_user_gets_the_programs(folder):
    assert "/opt/tipstaff/bin\n" == (folder / "root" / mac_folder.PATHS).read_text()


def test_the_folder_is_the_same_bytes_every_time(folder, archive, tmp_path):
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()

    mac_folder.build(tmp_path / "again", archive, digest, "arm64")

    assert (folder / mac_folder.LIST).read_text() == (
        tmp_path / "again" / mac_folder.LIST
    ).read_text()


def test_an_archive_of_another_hash_is_refused(archive, tmp_path):
    with pytest.raises(SystemExit, match="SHA-256"):
        mac_folder.build(tmp_path / "mac", archive, "0" * 64, "arm64")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_shell_takes_the_script(script):
    assert 0 == subprocess.run(["sh", "-n", script], check=False).returncode
    if shutil.which("shellcheck"):
        assert 0 == subprocess.run(["shellcheck", script], check=False).returncode


@pytest.fixture
def on_a_mac(folder, tmp_path):
    """Return what runs `package.sh` as on a Mac."""
    (tmp_path / "bin").mkdir()
    write_program(tmp_path / "bin/uname", "#!/bin/sh\necho Darwin\n")
    built = write_program(tmp_path / "bin/pkgbuild", f'#!/bin/sh\necho "$*" >{tmp_path}/words\n')
    script = folder / "package.sh"
    script.write_text(script.read_text().replace("/usr/bin/pkgbuild", built))

    def make(*words):
        env = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}
        return subprocess.run(
            [script, *words], check=False, capture_output=True, text=True, env=env
        )

    return make


def test_the_package_is_made_of_the_files_and_scripts_for_root(on_a_mac, tmp_path):
    done = on_a_mac("out.pkg", "Developer ID Installer: Example")

    assert 0 == done.returncode, done.stderr
    words = (tmp_path / "words").read_text()
    assert "--root root --install-location / --identifier tipstaff" in words
    assert (
        "--scripts scripts --ownership recommended --sign Developer ID Installer: Example" in words
    )


@pytest.mark.parametrize("change", ["edit", "add"])
def test_a_file_that_is_not_as_it_was_laid_out_ends_it(change, folder, on_a_mac, tmp_path):
    place = folder / "root/opt/tipstaff/packages/tipstaff_policy"
    (place / ("guard.py" if change == "edit" else "more.py")).write_text("# mine\n")

    done = on_a_mac()

    assert 6 == done.returncode
    assert not (tmp_path / "words").exists()


def test_no_package_is_made_on_another_system(folder):
    done = subprocess.run([folder / "package.sh"], check=False, capture_output=True, text=True)

    assert 4 == done.returncode
    assert "run this on a Mac" in done.stderr


class Mac:
    """A folder that stands for a Mac on which the package is installed."""

    def __init__(self, folder, root):
        self.folder, self.root = folder, root
        self.place = root / "opt/tipstaff"
        (root / "bin").mkdir(parents=True)
        (root / "opt").mkdir()
        (root / "Library/Application Support/Tipstaff").mkdir(parents=True)
        self.receipt(there=False)
        write_program(root / "bin/launchctl", f'#!/bin/sh\necho "$*" >>{root}/launchctl\n')

    def receipt(self, *, there):
        code = 0 if there else 1
        write_program(self.root / "bin/pkgutil", f"#!/bin/sh\nexit {code}\n")

    def run(self, script, *words):
        text = script.read_text()
        for path in ("/opt", "/Library", "/etc"):
            text = text.replace(f"={path}", f"={self.root}{path}").replace(
                f"in {path} ", f"in {self.root}{path} "
            )
            text = text.replace(f'"{path}/', f'"{self.root}{path}/').replace(
                f" {path}/", f" {self.root}{path}/"
            )
        text = text.replace("PATH=/usr", f"PATH={self.root}/bin:/usr")
        return subprocess.run(
            ["sh", "-c", text, "script", *words], check=False, capture_output=True, text=True
        )

    def install(self, change=lambda _place: None):
        """Do as the installer does: a script, the files, a script."""
        before = self.run(self.folder / "scripts/preinstall", "x.pkg", "/", "/", "/")
        if before.returncode:
            return before
        self.place.mkdir(exist_ok=True)
        files = self.folder / "root/opt/tipstaff"
        subprocess.run(["cp", "-a", f"{files}/.", self.place], check=True)
        write_program(self.place / "bin/tipstaff", TIPSTAFF.format(root=self.root))
        change(self.place)
        return self.run(self.folder / "scripts/postinstall", "x.pkg", "/", "/", "/")

    def calls(self):
        log = self.root / "log"
        return log.read_text().split("\n")[:-1] if log.exists() else []


@pytest.fixture
def mac(folder, tmp_path):
    return Mac(folder, tmp_path / "host")


@AS_ROOT
def test_a_first_installation_puts_the_guard_in_front(mac):
    done = mac.install()

    assert 0 == done.returncode, done.stderr
    assert ["install"] == mac.calls()


@AS_ROOT
@pytest.mark.parametrize(("code", "ends"), [("1", 0), ("4", 4)])
def test_what_was_left_is_no_failure_and_what_failed_is_one(code, ends, mac):
    (mac.root / "code").write_text(code)

    assert ends == mac.install().returncode


@AS_ROOT
def test_an_upgrade_installs_again(mac):
    mac.install()
    (mac.root / "Library/Application Support/Tipstaff/install.json").touch()
    mac.receipt(there=True)

    mac.install()

    assert ["install", "install"] == mac.calls()


@AS_ROOT
def test_an_upgrade_after_an_uninstall_leaves_the_clients_alone(mac):
    mac.install()
    mac.receipt(there=True)

    done = mac.install()

    assert 0 == done.returncode
    assert ["install"] == mac.calls()
    assert not (mac.place / ".uninstalled").exists()


@AS_ROOT
def test_an_installation_that_failed_is_tried_again(mac):
    (mac.root / "code").write_text("4")
    mac.install()
    (mac.root / "code").unlink()

    mac.install()

    assert ["install", "install"] == mac.calls()


@AS_ROOT
def test_a_module_of_an_earlier_version_goes(mac):
    mac.install(lambda place: (place / "packages/tipstaff_policy/old.py").write_text(""))

    assert not (mac.place / "packages/tipstaff_policy/old.py").exists()
    assert (mac.place / "packages/tipstaff_policy/guard.py").exists()
    assert (mac.place / "bin/python3").is_symlink()


@AS_ROOT
def test_a_folder_that_a_user_made_first_is_put_aside(mac):
    mac.place.mkdir()
    (mac.place / "theirs").touch()
    os.chown(mac.place, 501, 20)

    mac.install()

    assert 0 == mac.place.stat().st_uid
    assert (mac.root / "opt/tipstaff.untrusted-1/theirs").exists()


@AS_ROOT
def test_a_folder_above_that_others_can_change_ends_it(mac):
    (mac.root / "opt").chmod(0o777)

    done = mac.install()

    assert 1 == done.returncode
    assert "others than root can change" in done.stderr


@AS_ROOT
def test_another_volume_is_refused(mac):
    done = mac.run(mac.folder / "scripts/preinstall", "x.pkg", "/", "/Volumes/Other", "/")

    assert 1 == done.returncode


@AS_ROOT
def test_the_way_back_ends_with_tipstaffs_own(mac):
    mac.install()

    done = mac.run(mac_folder.PARTS / "uninstall.sh")

    assert 0 == done.returncode, done.stderr
    assert ["install", "uninstall"] == mac.calls()
    assert not mac.place.exists()


@AS_ROOT
def test_the_way_back_restores_the_clients_though_tipstaff_fails(mac):
    mac.install()
    (mac.root / "code").write_text("70")
    entry = mac.root / "usr/local/bin/codex"
    aside = f"{mac.root}{PLACES.aside}{entry}"
    os.makedirs(os.path.dirname(aside))
    entry.parent.mkdir(parents=True)
    with open(aside, "w") as client:
        client.write("the client")
    python, guard = f"{mac.place}/bin/python3", f"{mac.place}/packages/tipstaff_policy/guard.py"
    entry.write_text(render_shim(Shim("0.1.0", python, guard, aside)))
    lists = [mac.root / job.place[1:] for job in launchd.JOBS]
    for job in lists:
        job.parent.mkdir(parents=True, exist_ok=True)
        job.touch()

    done = mac.run(mac_folder.PARTS / "uninstall.sh")

    assert 0 == done.returncode, done.stderr
    assert "the client" == entry.read_text()
    assert [] == [job for job in lists if job.exists()]
    assert not mac.place.exists()
