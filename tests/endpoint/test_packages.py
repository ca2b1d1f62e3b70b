"""The packages of Tipstaff: what is in them, and what their scripts do in a clean root.

A stand-in of a few lines lies where the real program would: it writes down how it was called, and
ends as it is told. `make test-packages` does the same with the real one.
"""

import gzip
import platform
import shutil
import subprocess

import pytest

from packages import FORMATS, PARTS, read_package
from support.artefacts.package_judges import NEEDS_ROOT, needs
from support.machines.clean_roots import Machine
from tipstaff_policy.clients.shim import Shim, render_shim
from tipstaff_policy.installation.platforms.linux import PLACES
from tipstaff_rollout.packages.model import Need

PROGRAM = """\
#!/bin/sh
echo "$*" >>/log
test ! -e /code || exit "$(cat /code)"
"""
SHIM = render_shim(
    Shim(
        "0.1.0",
        "/usr/lib/tipstaff/bin/python3",
        "/x/tipstaff_policy/guard.py",
        f"{PLACES.aside}/usr/bin/codex",
    )
)
SCRIPTS = [PARTS / "after_install.sh", PARTS / "before_remove.sh"]
every_format = pytest.mark.parametrize(
    "kind", [pytest.param("deb", marks=needs("dpkg")), pytest.param("rpm", marks=needs("rpm"))]
)


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "standalone"
    (folder / "bin").mkdir(parents=True)
    for name in ("tipstaff", "tipstaff-guard"):
        (folder / "bin" / name).write_text(PROGRAM)
        (folder / "bin" / name).chmod(0o755)
    (folder / "lib/python3.11").mkdir(parents=True)
    (folder / "lib/python3.11/os.py").write_text("")
    (folder / "lib/current").symlink_to("python3.11")
    return folder


@pytest.fixture
def package(tree, tmp_path):
    def build(kind, version="1.0"):
        format_ = FORMATS[kind]
        made = read_package(tree, version, format_)
        place = tmp_path / format_.file_name(made)
        place.write_bytes(format_.build(made))
        return place

    return build


@pytest.fixture
def machine(tmp_path):
    return lambda kind: Machine(tmp_path / "root", kind)


def calls(host):
    return (host.root / "log").read_text().split()


def ends_with(host, code):
    (host.root / "code").write_text(code)


def is_installed(host):
    (host.root / "var/lib/tipstaff").mkdir()
    (host.root / "var/lib/tipstaff/install.json").touch()


@every_format
def test_a_package_is_the_same_bytes_and_says_what_it_needs(kind, tree):
    format_ = FORMATS[kind]
    one, other = (read_package(tree, "1.0", format_) for _ in range(2))

    assert format_.build(one, small=True) == format_.build(other, small=True)
    assert (Need(format_.glibc, platform.libc_ver()[1]),) == one.needs


@NEEDS_ROOT
@every_format
def test_what_a_package_brings_goes_with_it(kind, package, machine):
    host = machine(kind)
    before = host.content()

    host.install(package(kind))
    between = host.content()
    host.remove("tipstaff")

    assert before == host.content()
    assert {0} == {owner for path, (_, owner) in between.items() if path not in before}
    assert "-rwxr-xr-x" == between["usr/lib/tipstaff/bin/tipstaff"][0]


@NEEDS_ROOT
@every_format
def test_the_programs_are_on_the_path_of_everybody(kind, package, machine):
    host = machine(kind)
    host.install(package(kind))

    assert [0, 0] == [host.inside(program).returncode for program in ("tipstaff", "tipstaff-guard")]
    pages = [
        host.root / f"usr/share/man/man8/{program}.8.gz"
        for program in ("tipstaff", "tipstaff-guard")
    ]
    assert [b".TH TIPSTAFF 8"] * 2 == [gzip.decompress(page.read_bytes())[:14] for page in pages]


@NEEDS_ROOT
@every_format
def test_an_upgrade_installs_anew_and_takes_nothing_away(kind, package, machine):
    host = machine(kind)
    host.install(package(kind))
    is_installed(host)

    done = host.upgrade(package(kind, "1.1"))

    assert 0 == done.returncode
    assert ["install", "install"] == calls(host)


@NEEDS_ROOT
@every_format
def test_an_upgrade_does_not_undo_an_uninstall_of_an_administrator(kind, package, machine):
    host = machine(kind)
    host.install(package(kind))

    host.upgrade(package(kind, "1.1"))

    assert ["install"] == calls(host)


@NEEDS_ROOT
@every_format
def test_what_could_not_be_fronted_is_said_and_no_failure(kind, package, machine):
    host = machine(kind)
    ends_with(host, "1")

    done = host.install(package(kind))

    assert 0 == done.returncode
    assert "installed, but for what is named above" in done.stdout + done.stderr


@NEEDS_ROOT
@every_format
def test_an_installation_that_fails_is_told_by_the_package_manager(kind, package, machine):
    host = machine(kind)
    ends_with(host, "4")

    done = host.install(package(kind))

    assert "exit status 4" in done.stderr


@NEEDS_ROOT
@every_format
def test_a_removal_begins_with_an_uninstall(kind, package, machine):
    host = machine(kind)
    host.install(package(kind))

    done = host.remove("tipstaff")

    assert 0 == done.returncode
    assert ["install", "uninstall"] == calls(host)


def fronted(host):
    """Lay out two clients behind shims, a link and a program, and one whose shim was replaced."""
    link, program, replaced = (
        host.root / f"usr/{folder}/codex" for folder in ("bin", "local/bin", "sbin")
    )
    for place in (link, program, replaced):
        aside = host.root / f"{PLACES.aside[1:]}/{place.relative_to(host.root)}"
        aside.parent.mkdir(parents=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(SHIM)
        place.chmod(0o755)
        aside.write_text(f"client of {place.parent.name}")
    replaced.write_text("newer client")
    (host.root / f"{PLACES.aside[1:]}/usr/bin/codex").unlink()
    (host.root / f"{PLACES.aside[1:]}/usr/bin/codex").symlink_to("/opt/client")
    return link, program, replaced


BROKEN = {
    "it ends with an error": lambda host: ends_with(host, "4"),
    "it is gone": lambda host: (host.root / "usr/lib/tipstaff/bin/tipstaff").unlink(),
    "it does not start": lambda host: (host.root / "usr/lib/tipstaff/bin/tipstaff").write_bytes(
        b"\x7fELF"
    ),
}


@NEEDS_ROOT
@pytest.mark.parametrize("broken", BROKEN)
@every_format
def test_a_removal_gives_every_client_back_also_where_tipstaff_is_broken(
    kind, broken, package, machine
):
    host = machine(kind)
    host.install(package(kind))
    link, program, replaced = fronted(host)
    BROKEN[broken](host)

    done = host.remove("tipstaff")

    assert 0 == done.returncode, done.stderr
    assert "/opt/client" == str(link.readlink())
    assert "client of bin" == program.read_text()
    assert "newer client" == replaced.read_text()
    assert "put back without it" in done.stdout + done.stderr


@NEEDS_ROOT
@every_format
def test_what_a_shim_needs_stays_where_a_client_cannot_be_given_back(kind, package, machine):
    host = machine(kind)
    host.install(package(kind))
    fronted(host)
    ends_with(host, "4")
    (host.root / "usr/bin/mv").unlink()

    done = host.remove("tipstaff")

    assert 0 != done.returncode
    assert (host.root / "usr/lib/tipstaff/bin/tipstaff").exists()
    assert SHIM == (host.root / "usr/local/bin/codex").read_text()


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_a_checker_finds_no_fault_in_the_scripts():
    done = subprocess.run(
        ["shellcheck", "--shell=sh", *SCRIPTS], check=False, capture_output=True, text=True
    )

    assert 0 == done.returncode
    assert "" == done.stdout
