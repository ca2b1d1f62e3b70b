r"""`make msi`: the stand-alone folder for Windows as an installer package, by Debian's `wixl`.

One component a file, with an identifier that is the file's in every version; a new product code
for each version under one upgrade code, so that an installation replaces the older one and refuses
a newer one (<https://learn.microsoft.com/windows/win32/msi/major-upgrades>). The last step of an
installation runs `tipstaff install`, the first of a removal `tipstaff uninstall`; an upgrade runs
the first alone, so that no client is without its guard in between.
"""

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

from windows_values import (
    MANUFACTURER,
    NAME,
    SUMMARY,
    UPGRADE_CODE,
    VERSION,
    component_code,
    file_name,
    product_code,
)

WIX = "http://schemas.microsoft.com/wix/2006/wi"
EVENT_SOURCE = r"SYSTEM\CurrentControlSet\Services\EventLog\Application\Tipstaff"
MESSAGES = r"[System64Folder]EventCreate.exe"
NEWER = "A newer version of Tipstaff is installed."
FILES = "files"
"""What the folder is called next to the description: `wixl` takes no absolute path."""
PYTHON, STEP = "python/python.exe", "package_step.py"
UPGRADES = "WIX_UPGRADE_DETECTED"
"""The property that names the older version, if there is one."""
INSTALLED = "NOT REMOVE"
REMOVED = 'REMOVE="ALL" AND NOT UPGRADINGPRODUCTCODE'


def description(folder: Path, version: str = VERSION) -> bytes:
    """Return what `wixl` makes a package of."""
    wix = ET.Element("Wix", {"xmlns": WIX})
    product = ET.SubElement(
        wix,
        "Product",
        {
            "Id": product_code(version),
            "Name": NAME,
            "Language": "1033",
            "Version": version,
            "Manufacturer": MANUFACTURER,
            "UpgradeCode": UPGRADE_CODE,
        },
    )
    ET.SubElement(
        product,
        "Package",
        {
            "InstallerVersion": "500",
            "Compressed": "yes",
            "InstallScope": "perMachine",
            "Description": SUMMARY,
            "Manufacturer": MANUFACTURER,
            "Comments": f"{NAME} {version}",
        },
    )
    ET.SubElement(product, "MajorUpgrade", {"DowngradeErrorMessage": NEWER})
    # Python's files have versions that wixl does not write into the table; without this an upgrade
    # would keep the older ones (REINSTALLMODE, "a": all files, whatever their version).
    ET.SubElement(product, "Property", {"Id": "REINSTALLMODE", "Value": "amus"})
    ET.SubElement(product, "Media", {"Id": "1", "Cabinet": "tipstaff.cab", "EmbedCab": "yes"})
    top = ET.SubElement(product, "Directory", {"Id": "TARGETDIR", "Name": "SourceDir"})
    programs = ET.SubElement(top, "Directory", {"Id": "ProgramFiles64Folder", "Name": "PFiles"})
    target = ET.SubElement(programs, "Directory", {"Id": "INSTALLDIR", "Name": NAME})
    components = _lay_out(target, folder, folder)
    components.append(_event_source(target))
    feature = ET.SubElement(
        product, "Feature", {"Id": "Complete", "Title": NAME, "Level": "1", "Absent": "disallow"}
    )
    for component in components:
        ET.SubElement(feature, "ComponentRef", {"Id": component})
    _add_steps(product)
    ET.indent(wix)
    return ET.tostring(wix, "utf-8", xml_declaration=True) + b"\n"


def _lay_out(parent: ET.Element, folder: Path, top: Path) -> list[str]:
    """Add the files and folders of a folder; return the names of their components."""
    found = []
    for path in sorted(folder.iterdir()):
        inside = path.relative_to(top).as_posix()
        name = _identifier(inside)
        if path.is_dir():
            below = ET.SubElement(parent, "Directory", {"Id": f"d{name}", "Name": path.name})
            found += _lay_out(below, path, top)
            continue
        found.append(f"c{name}")
        component = ET.SubElement(
            parent, "Component", {"Id": f"c{name}", "Guid": component_code(inside), "Win64": "yes"}
        )
        ET.SubElement(
            component,
            "File",
            {"Id": f"f{name}", "Name": path.name, "Source": f"{FILES}/{inside}", "KeyPath": "yes"},
        )
    return found


def _event_source(parent: ET.Element) -> str:
    """Add the source of the event log, under which Tipstaff records what it does."""
    component = ET.SubElement(
        parent,
        "Component",
        {"Id": "cEventSource", "Guid": component_code("event source"), "Win64": "yes"},
    )
    key = ET.SubElement(component, "RegistryKey", {"Root": "HKLM", "Key": EVENT_SOURCE})
    values = (("EventMessageFile", "string", MESSAGES), ("TypesSupported", "integer", "7"))
    for number, (name, kind, value) in enumerate(values):
        attributes = {"Name": name, "Type": kind, "Value": value}
        ET.SubElement(key, "RegistryValue", attributes | ({} if number else {"KeyPath": "yes"}))
    return "cEventSource"


def _add_steps(product: ET.Element) -> None:
    """Add what runs after the files are there, and before they are taken away."""
    sequence = ET.Element("InstallExecuteSequence")
    python = f"f{_identifier(PYTHON)}"
    # with one bound alone, wixl takes any place on that side of it, another in each run
    for name, step, where, condition in (
        (
            "AfterInstall",
            "after-install",
            {"After": "WriteRegistryValues", "Before": "InstallFinalize"},
            INSTALLED,
        ),
        (
            "BeforeRemove",
            "before-remove",
            {"After": "InstallInitialize", "Before": "RemoveFiles"},
            REMOVED,
        ),
    ):
        ET.SubElement(
            product,
            "CustomAction",
            {
                "Id": name,
                "FileKey": python,
                "ExeCommand": f'-I "[INSTALLDIR]{STEP}" {step} "[{UPGRADES}]"',
                "Execute": "deferred",
                "Impersonate": "no",
                "Return": "check",
            },
        )
        ET.SubElement(sequence, "Custom", {"Action": name, **where}).text = condition
    product.append(sequence)


def _identifier(inside: str) -> str:
    """Return an identifier of at most 72 letters, as the tables of a package take it."""
    return hashlib.sha256(inside.encode()).hexdigest()[:32]


def build(folder: Path, place: Path, version: str = VERSION) -> None:
    """Write the package.

    Raises:
        SystemExit: There is no `wixl`, or it refuses.
    """
    program = shutil.which("wixl")
    if program is None:
        raise SystemExit("error: wixl is missing: `apt-get install wixl`")
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch) / "tipstaff.wxs"
        source.write_bytes(description(folder.resolve(), version))
        (Path(scratch) / FILES).symlink_to(folder.resolve())
        made = Path(scratch) / place.name
        words = (program, "-a", "x64", "-o", made, source)
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode != 0 or not made.exists():
            raise SystemExit(f"error: wixl: {done.stderr.strip() or done.stdout.strip()}")
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f"{place.name}.new")
        shutil.copyfile(made, new)
        new.replace(place)


def main() -> None:
    """Write the package and what describes it, and print their paths."""
    from windows_descriptions import write_descriptions  # noqa: PLC0415 - reads the package

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/windows"))
    parser.add_argument("--out", type=Path, default=Path("dist"))
    parser.add_argument("--url", default="", help="where endpoints fetch the package, for winget")
    words = parser.parse_args()
    place = words.out / file_name()
    build(words.folder, place)
    print(f"{place}: {place.stat().st_size / 1e6:.0f} MB")
    for written in write_descriptions(place, words.out / "windows", words.url):
        print(written)


if __name__ == "__main__":
    sys.exit(main())
