"""dpkg, lintian and rpm take what is built, and do with it what is meant."""

import hashlib
import stat

import pytest

from support.artefacts.package_judges import NEEDS_ROOT, Dpkg, Rpm, needs, run
from support.artefacts.sample_packages import NEEDS, PACKAGE, SCRIPTS
from tipstaff_rollout.packages import deb, rpm
from tipstaff_rollout.packages.model import regular

every_format = pytest.mark.parametrize(
    ("form", "judge"),
    [
        pytest.param(deb, Dpkg, id="deb", marks=needs("dpkg")),
        pytest.param(rpm, Rpm, id="rpm", marks=needs("rpm")),
    ],
)
FULL = PACKAGE._replace(needs=NEEDS, scripts=SCRIPTS)
WORDS = "usr/lib/sample/words"


@pytest.fixture
def written(tmp_path):
    def write(form, package=FULL, **options):
        path = tmp_path / form.file_name(package)
        path.write_bytes(form.build(package, **options))
        return path

    return write


@needs("dpkg-deb")
def test_dpkg_reads_the_fields(written):
    package = written(deb)

    fields = run("dpkg-deb", "-f", package)

    assert (
        "Package: sample\nVersion: 1.2\nArchitecture: all\n"
        "Maintainer: Sample Makers <makers@example.com>\nInstalled-Size: 168\n"
        "Depends: coreutils, python3 (>= 3.11)\nSection: admin\nPriority: optional\n"
        "Description: something to install\n"
        " Some words.\n .\n And some more, of which one is ä.\n"
    ) == fields


@needs("rpm")
def test_rpm_reads_the_fields(written):
    package = written(rpm)
    form = "%{NAME} %{EVR} %{ARCH} %{LICENSE} %{PACKAGER}\n%{SUMMARY}\n%{DESCRIPTION}\n"

    fields = run("rpm", "-qp", "--qf", form, package)

    assert (
        "sample 1.2-1 noarch Apache-2.0 Sample Makers <makers@example.com>\n"
        "something to install\nSome words.\n\nAnd some more, of which one is ä.\n"
    ) == fields
    assert ["/bin/sh"] * 4 + ["coreutils", "python3 >= 3.11"] == [
        line
        for line in run("rpm", "-qp", "--requires", package).splitlines()
        if not line.startswith("rpmlib")
    ]


@needs("rpm")
@pytest.mark.parametrize("small", [False, True])
def test_rpm_finds_the_digests_right(written, small):
    said = run("rpm", "-Kv", written(rpm, small=small))

    assert ["Header SHA256 digest: OK", "Payload SHA256 digest: OK"] == [
        line.strip() for line in said.splitlines()[1:]
    ]


@needs("rpm")
def test_rpm_finds_an_edit(written):
    package = written(rpm)
    package.write_bytes(package.read_bytes().replace(b"two", b"owt", 1))

    assert "DIGESTS NOT OK" in run("rpm", "-K", package, code=1)


@needs("lintian")
def test_lintian_finds_no_fault(written):
    assert "" == run(
        "lintian", "--allow-root", "--fail-on", "error,warning", written(deb, PACKAGE, small=True)
    )


ARCHITECTURES = {
    "all": ("all", "noarch"),
    "x86_64": ("amd64", "x86_64"),
    "aarch64": ("arm64", "aarch64"),
}


@needs("dpkg-deb", "rpm")
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_each_format_has_its_own_name_of_an_architecture(written, name):
    package = FULL._replace(architecture=name)
    said = (
        run("dpkg-deb", "-f", written(deb, package), "Architecture").strip(),
        run("rpm", "-qp", "--qf", "%{ARCH}", written(rpm, package)),
    )

    assert ARCHITECTURES[name] == said


@NEEDS_ROOT
@every_format
@pytest.mark.parametrize("small", [False, True])
def test_what_is_installed_is_what_was_given(written, tmp_path, form, judge, small):
    root = judge(tmp_path / "root")

    root.install(written(form, PACKAGE, small=small))

    for entry in PACKAGE.entries:
        path = root.root / entry.path[1:]
        state = path.lstat()
        assert entry.mode == state.st_mode
        assert 0 == state.st_uid
        assert 0 == state.st_gid
        if stat.S_ISREG(entry.mode):
            assert entry.data == path.read_bytes()
        if stat.S_ISLNK(entry.mode):
            assert entry.data.decode() == str(path.readlink())
    assert "" == root.verify("sample")
    assert "1.2" == root.version("sample")


@NEEDS_ROOT
@every_format
def test_an_edit_is_found_and_does_not_survive_an_upgrade(written, tmp_path, form, judge):
    root = judge(tmp_path / "root")
    root.install(written(form, PACKAGE))
    words = root.root / WORDS
    before = words.read_bytes()
    words.write_bytes(b"edited")
    assert WORDS in root.verify("sample")

    root.upgrade(written(form, PACKAGE._replace(version="1.10")))

    assert before == words.read_bytes()
    assert "1.10" == root.version("sample")


@NEEDS_ROOT
@every_format
def test_nothing_is_left_of_a_removed_package(written, tmp_path, form, judge):
    root = judge(tmp_path / "root")
    root.install(written(form, PACKAGE))
    (root.root / WORDS).write_bytes(b"edited")

    root.remove("sample")

    assert [] == list((root.root / "usr").glob("lib/*")) + list((root.root / "usr").glob("share/*"))


@NEEDS_ROOT
@every_format
def test_scripts_run_when_they_are_to(written, tmp_path, form, judge):
    root = judge(tmp_path / "root")
    package = PACKAGE._replace(
        scripts=type(SCRIPTS)(*(script.replace(">>/", ">>$DPKG_ROOT/") for script in SCRIPTS))
    )
    if form is rpm:
        root.give_shell()

    root.install(written(form, package))
    root.upgrade(written(form, package._replace(version="1.10")))
    root.remove("sample")

    said = [line.split()[0] for line in (root.root / "log").read_text().splitlines()]
    install, remove = ["before_install", "after_install"], ["before_remove", "after_remove"]
    order = {
        deb: [
            *install,
            "before_remove",
            "before_install",
            "after_remove",
            "after_install",
            *remove,
        ],
        rpm: [*install, *install, *remove, *remove],
    }
    assert order[form] == said


@NEEDS_ROOT
@needs("rpm")
def test_rpm_would_keep_an_edit_of_a_file_marked_as_configuration(written, tmp_path, monkeypatch):
    """The reason for which no file is marked so."""
    plain = rpm._files
    monkeypatch.setattr(
        rpm, "_files", lambda entries: plain(entries) | {1037: rpm.int32s(*[1] * len(entries))}
    )
    root = Rpm(tmp_path / "root")
    package = PACKAGE._replace(entries=(regular("/etc/sample", b"given"),))
    root.install(written(rpm, package))
    (root.root / "etc/sample").write_bytes(b"edited")

    root.upgrade(written(rpm, package._replace(version="1.10")))

    assert b"edited" == (root.root / "etc/sample").read_bytes()


@needs("dpkg-deb")
def test_dpkg_is_told_the_sum_of_every_file(written, tmp_path):
    run("dpkg-deb", "--control", written(deb), tmp_path / "control")

    sums = dict(
        line.split("  ")[::-1] for line in (tmp_path / "control/md5sums").read_text().splitlines()
    )

    expected = {
        entry.path[1:]: hashlib.md5(entry.data).hexdigest()
        for entry in FULL.entries
        if stat.S_ISREG(entry.mode)
    }
    assert expected == {path: digest for path, digest in sums.items() if path in expected}
