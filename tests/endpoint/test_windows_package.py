"""The folder and the package for Windows: what goes in, what the installer's tables say."""

import hashlib
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_powershell
import yaml

import windows_descriptions
import windows_folder
import windows_installer
import windows_values
from package import package_step
from support.artefacts.package_judges import needs
from tipstaff_policy import __version__

FILES = (
    "launcher.exe", "tipstaff.exe", "tipstaff-guard.exe", "package_step.py", "python/python.exe",
    "packages/tipstaff_policy/guard.py", "packages/tipstaff_policy/__init__.py",
)  # fmt: skip
EMBEDDED = {
    "python.exe": b"MZ", "pythonw.exe": b"MZ", "vcruntime140.dll": b"MZ", "python312.zip": b"PK",
    "python312._pth": b"python312.zip\r\n.\r\n#import site\r\n",
}  # fmt: skip


# the folder


def package(tmp_path, files=EMBEDDED):
    file = tmp_path / "python-embed.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return file, hashlib.sha256(file.read_bytes()).hexdigest()


def test_another_file_than_the_one_that_is_known_is_refused(tmp_path):
    file, digest = package(tmp_path)

    with pytest.raises(windows_folder.FolderError, match=f"{digest}, and not {'0' * 64}"):
        windows_folder.check_package(file, "0" * 64)


def test_the_import_path_of_the_folder_is_pythons_own_and_tipstaffs(tmp_path):
    file, digest = package(tmp_path)

    version = windows_folder.extract(
        windows_folder.check_package(file, digest), tmp_path / "python"
    )

    assert "3.12" == version
    assert (
        b"python312.zip\r\n.\r\n..\\packages\r\n"
        == (tmp_path / "python/python312._pth").read_bytes()
    )


ODD = {
    "no path file": ({"python312._pth": None}, "has no pythonXY._pth"),
    "no program": ({"python.exe": None}, "lacks python.exe"),
    "a way out": ({"../evil.py": b""}, "leads out of the folder"),
    "an absolute path": ({"/evil.py": b""}, "leads out of the folder"),
    "a path of windows": ({"..\\evil.py": b""}, "leads out of the folder"),
}


@pytest.mark.parametrize(("changes", "words"), ODD.values(), ids=ODD)
def test_a_package_of_another_form_is_refused(changes, words, tmp_path):
    files = {name: data for name, data in {**EMBEDDED, **changes}.items() if data is not None}
    file, digest = package(tmp_path, files)

    with pytest.raises(windows_folder.FolderError, match=words):
        windows_folder.extract(windows_folder.check_package(file, digest), tmp_path / "python")


def test_bytecode_of_another_python_is_refused(tmp_path):
    with pytest.raises(windows_folder.FolderError, match=r"bytecode for Python 2\.7"):
        windows_folder.compile_all(tmp_path, [sys.executable], "2.7")


def test_a_program_of_the_folder_names_its_python_and_nothing_to_look_up():
    made = windows_folder.program(b"MZ", "-IS", "run()\n")

    assert made.startswith(b'MZ#!"C:\\Program Files\\Tipstaff\\python\\python.exe" -IS\r\nPK')


def test_the_launcher_is_a_program_for_windows():
    assert windows_folder.LAUNCHER.read_bytes().startswith(b"MZ")


# the steps of the package


@pytest.fixture
def steps(tmp_path, monkeypatch):
    """Let the steps of the package run a stand-in, which ends as it is told."""
    calls, codes = [], {}
    monkeypatch.setenv("PROGRAMDATA", str(tmp_path))
    monkeypatch.setattr(package_step, "LOG", tmp_path / "package.log")
    monkeypatch.setattr(
        package_step, "tipstaff", lambda command: calls.append(command) or codes.get(command, 0)
    )
    return calls, codes, tmp_path


CODES = {
    "installed": (0, 0, ["install"]),
    "something was left": (1, 0, ["install"]),
    "not installed": (4, 4, ["install", "uninstall"]),
}


@pytest.mark.parametrize(("code", "expected", "called"), CODES.values(), ids=CODES)
def test_the_first_installation_puts_the_guard_in_front(code, expected, called, steps):
    calls, codes, _ = steps
    codes["install"] = code

    assert expected == package_step.main(["after-install", ""])
    assert called == calls


def test_an_upgrade_installs_again_only_what_was_installed(steps):
    calls, _, folder = steps

    package_step.main(["after-install", "{older}"])
    (folder / "Tipstaff").mkdir()
    (folder / "Tipstaff/install.json").write_text("{}")
    package_step.main(["after-install", "{older}"])

    assert ["install"] == calls


def test_a_removal_that_fails_fails_the_package(steps):
    _, codes, _ = steps
    codes["uninstall"] = 4

    assert 4 == package_step.main(["before-remove"])


# the installer


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("windows")
    for name in FILES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    return made


@pytest.fixture(scope="module")
def installer(folder, tmp_path_factory):
    place = tmp_path_factory.mktemp("msi") / windows_values.file_name()
    windows_installer.build(folder, place)
    return place


def table(installer, name):
    """Return the rows of a table, each by the names of its columns."""
    done = subprocess.run(
        ["msiinfo", "export", installer, name], check=True, capture_output=True, text=True
    )
    columns, _, _, *rows = done.stdout.replace("\r", "").split("\n")
    names = columns.split("\t")
    return [dict(zip(names, row.split("\t"), strict=False)) for row in rows if row]


READ_BACK = [needs("wixl"), needs("msiinfo")]


def read_back(test):
    for mark in READ_BACK:
        test = mark(test)
    return test


def properties(installer):
    return {row["Property"]: row["Value"] for row in table(installer, "Property")}


@read_back
def test_every_version_has_one_upgrade_code_and_a_product_code_of_its_own(folder, tmp_path):
    found = []
    for version in ("0.1.0", "0.1.1"):
        windows_installer.build(folder, tmp_path / f"{version}.msi", version)
        found.append(properties(tmp_path / f"{version}.msi"))

    first, second = found
    assert first["UpgradeCode"] == second["UpgradeCode"] == f"{{{windows_values.UPGRADE_CODE}}}"
    assert first["ProductCode"] != second["ProductCode"]


@read_back
def test_an_installation_replaces_an_older_version_and_refuses_a_newer_one(installer):
    rows = table(installer, "Upgrade")

    assert {f"{{{windows_values.UPGRADE_CODE}}}"} == {row["UpgradeCode"] for row in rows}
    bounds = {(row["VersionMin"], row["VersionMax"], row["ActionProperty"]) for row in rows}
    assert {
        ("", __version__, "WIX_UPGRADE_DETECTED"), (__version__, "", "WIX_DOWNGRADE_DETECTED"),
    } == bounds  # fmt: skip
    conditions = {row["Condition"] for row in table(installer, "LaunchCondition")}
    assert "NOT WIX_DOWNGRADE_DETECTED" in conditions


@read_back
def test_every_file_of_the_folder_is_a_component_of_its_own(installer):
    files = {row["FileName"]: row["Component_"] for row in table(installer, "File")}

    assert {Path(name).name for name in FILES} == set(files)
    assert len(set(files.values())) == len(FILES)


@read_back
def test_a_file_keeps_its_component_in_every_version(folder, tmp_path):
    found = []
    for version in ("0.1.0", "0.2.0"):
        windows_installer.build(folder, tmp_path / f"{version}.msi", version)
        rows = table(tmp_path / f"{version}.msi", "Component")
        found.append({row["Component"]: row["ComponentId"] for row in rows})

    assert found[0] == found[1]


@read_back
def test_it_is_for_every_user_of_a_64_bit_windows(installer):
    done = subprocess.run(
        ["msiinfo", "suminfo", installer], check=True, capture_output=True, text=True
    )

    assert "1" == properties(installer)["ALLUSERS"]
    assert "Template: x64;1033" in done.stdout
    assert {"256", "260"} >= {row["Attributes"] for row in table(installer, "Component")}


@read_back
def test_an_upgrade_takes_new_files_whatever_version_an_old_one_has(installer):
    assert "amus" == properties(installer)["REINSTALLMODE"]


@read_back
def test_the_guard_is_put_in_front_last_and_taken_away_first(installer):
    rows = {row["Action"]: row for row in table(installer, "InstallExecuteSequence")}
    order = {name: int(row["Sequence"]) for name, row in rows.items()}

    assert order["WriteRegistryValues"] < order["AfterInstall"] < order["InstallFinalize"]
    assert order["InstallInitialize"] < order["BeforeRemove"] < order["RemoveFiles"]
    assert "NOT REMOVE" == rows["AfterInstall"]["Condition"]
    assert 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE' == rows["BeforeRemove"]["Condition"]


@read_back
def test_the_steps_run_as_the_system_and_fail_the_installation(installer):
    rows = table(installer, "CustomAction")

    # 18: a program of the package; 1024: deferred; 2048: not as the user who installs
    assert {"3090"} == {row["Type"] for row in rows}
    assert {
        '-I "[INSTALLDIR]package_step.py" after-install "[WIX_UPGRADE_DETECTED]"',
        '-I "[INSTALLDIR]package_step.py" before-remove "[WIX_UPGRADE_DETECTED]"',
    } == {row["Target"] for row in rows}


@read_back
def test_the_source_of_the_event_log_is_registered(installer):
    rows = table(installer, "Registry")

    assert {"2"} == {row["Root"] for row in rows}
    assert {("EventMessageFile", "[System64Folder]EventCreate.exe"), ("TypesSupported", "#7")} == {
        (row["Name"], row["Value"]) for row in rows
    }
    assert all("EventLog\\Application\\Tipstaff" in row["Key"] for row in rows)


@read_back
def test_the_cabinet_holds_the_very_files(installer, folder, tmp_path):
    shutil.copy(installer, tmp_path / "t.msi")
    subprocess.run(
        ["msiextract", "-C", tmp_path, tmp_path / "t.msi"], check=True, capture_output=True
    )

    found = {
        path.name: path.read_text()
        for path in tmp_path.rglob("*")
        if path.name != "t.msi" and path.is_file()
    }
    assert {Path(name).name: name for name in FILES} == found


# what describes it


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    out = tmp_path_factory.mktemp("described")
    file = out / windows_values.file_name()
    file.write_bytes(b"a package")
    windows_descriptions.write_descriptions(file, out, "https://packages.example.com")
    return out


def test_every_description_names_the_same_version_and_codes(described):
    intune = json.loads((described / "intune/app.json").read_text())
    winget = yaml.safe_load((described / "winget/Tipstaff.Tipstaff.installer.yaml").read_text())
    policy = (described / "group-policy/README.md").read_text()

    code = f"{{{windows_values.product_code()}}}"
    assert code == intune["productCode"] == winget["ProductCode"]
    assert __version__ == intune["appVersion"] == winget["PackageVersion"]
    assert windows_values.UPGRADE_CODE in policy
    assert code in (described / "intune/detect.ps1").read_text()


def test_the_detection_is_powershell_that_parses(described):
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))

    assert not parser.parse((described / "intune/detect.ps1").read_bytes()).root_node.has_error


FIELDS = {
    "version": ({"PackageIdentifier", "PackageVersion", "DefaultLocale"}, ""),
    "installer": (
        {
            "PackageIdentifier", "PackageVersion", "InstallerType", "Scope", "UpgradeBehavior",
            "MinimumOSVersion", "ElevationRequirement", "ProductCode", "AppsAndFeaturesEntries",
            "Installers",
        },
        ".installer",
    ),
    "defaultLocale": (
        {
            "PackageIdentifier", "PackageVersion", "PackageLocale", "Publisher", "PackageName",
            "License", "ShortDescription",
        },
        ".locale.en-US",
    ),
}  # fmt: skip
"""The fields that the documentation of winget's schema 1.10 requires, or that are used here."""


@pytest.mark.parametrize("kind", FIELDS)
def test_a_manifest_of_winget_has_the_documented_fields(kind, described):
    fields, name = FIELDS[kind]

    found = yaml.safe_load((described / f"winget/Tipstaff.Tipstaff{name}.yaml").read_text())

    assert fields | {"ManifestType", "ManifestVersion"} == set(found)
    assert (kind, "1.10.0") == (found["ManifestType"], found["ManifestVersion"])


def test_winget_fetches_the_very_package(described):
    found = yaml.safe_load((described / "winget/Tipstaff.Tipstaff.installer.yaml").read_text())
    (installer,) = found["Installers"]

    assert hashlib.sha256(b"a package").hexdigest().upper() == installer["InstallerSha256"]
    assert f"https://packages.example.com/{windows_values.file_name()}" == installer["InstallerUrl"]
    assert ("wix", "machine") == (found["InstallerType"], found["Scope"])
