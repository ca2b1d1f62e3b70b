r"""What Intune, Group Policy and winget want to know of the package, from the same values.

Source: <https://learn.microsoft.com/mem/intune/apps/apps-win32-add>,
<https://learn.microsoft.com/windows/package-manager/package/manifest> (schema 1.10),
<https://learn.microsoft.com/troubleshoot/windows-server/group-policy/use-group-policy-to-install-software>.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from windows_values import (
    ARCHITECTURE,
    IDENTIFIER,
    MANUFACTURER,
    NAME,
    OLDEST_WINDOWS,
    PLACE,
    SUMMARY,
    UPGRADE_CODE,
    VERSION,
    product_code,
)

WINGET_SCHEMA = "1.10.0"
WINGET_KINDS = ("version", "installer", "defaultLocale")
LOCALE = "en-US"
NOWHERE = "https://packages.example.com/tipstaff"
"""Where endpoints fetch the package, until an administrator says it."""
QUIET = "/qn /norestart"


def write_descriptions(package: Path, out: Path, url: str = "") -> tuple[Path, ...]:
    """Write the files next to the package; return their paths."""
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    files = {
        "intune/app.json": json.dumps(intune_app(package.name), indent=2) + "\n",
        "intune/detect.ps1": intune_detection(),
        "intune/README.md": intune_page(package.name),
        "group-policy/README.md": group_policy_page(package.name, digest),
        **winget_manifests(package.name, digest, url),
    }
    written = []
    for name, text in files.items():
        place = out / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
        written.append(place)
    return tuple(written)


def intune_app(file: str) -> dict[str, Any]:
    """Return the fields of a Windows app (Win32) of Intune."""
    code = f"{{{product_code()}}}"
    return {
        "name": NAME,
        "description": SUMMARY,
        "publisher": MANUFACTURER,
        "appVersion": VERSION,
        "setupFile": file,
        "installCommand": f'msiexec /i "{file}" {QUIET}',
        "uninstallCommand": f"msiexec /x {code} {QUIET}",
        "installBehavior": "system",
        "deviceRestartBehavior": "suppress",
        "architectures": [ARCHITECTURE],
        "minimumWindowsRelease": "1809",
        "productCode": code,
        "upgradeCode": f"{{{UPGRADE_CODE}}}",
        "detectionScript": "detect.ps1",
    }


def intune_detection() -> str:
    """Return the script by which Intune sees whether this version is installed and whole.

    It prints something and ends with 0 only then, as Intune asks for.
    """
    return f"""\
# Detects {NAME} {VERSION}: installed by its package, and as `tipstaff status` wants it.
$key = 'HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{{{product_code()}}}'
$program = '{PLACE}\\tipstaff.exe'
if (-not (Test-Path -LiteralPath $key)) {{ exit 1 }}
if (-not (Test-Path -LiteralPath $program -PathType Leaf)) {{ exit 1 }}
$said = & $program status --format json
if ($LASTEXITCODE -eq 1) {{ exit 1 }}
Write-Output '{NAME} {VERSION}'
exit 0
"""


def intune_page(file: str) -> str:
    """Return what to do in the console of Intune."""
    return f"""\
# {NAME} {VERSION} as a Windows app of Intune

1. Pack `{file}` with Microsoft's Win32 Content Prep Tool; it is the setup file.
2. Apps > Windows > Add > Windows app (Win32). `app.json` holds name, version and both commands.
3. Install behaviour System, no restart; requirements: 64-bit, Windows 10 1809 or newer.
4. Detection rules: custom script `detect.ps1`, in a 64-bit process.
5. The next version: an app of its own that supersedes this one, without uninstalling it.

Ship the policy apart (`tipstaff policy render --to intune-win32`), the policy first. No Intune has
taken these files: try one computer first.
"""


def group_policy_page(file: str, digest: str) -> str:
    """Return how Group Policy installs the package."""
    return f"""\
# {NAME} {VERSION} by Group Policy

1. Copy `{file}` to a share that the computers can read and only administrators can write.
   SHA-256 {digest}
2. Computer Configuration > Policies > Software Settings > Software installation > New > Package:
   the path of the share (`\\\\SERVER\\SHARE\\{file}`), not of a drive. Choose Assigned.
3. The next version: a package of its own; under Upgrades name this one, and choose "Package can
   upgrade over the existing package". Its upgrade code is {{{UPGRADE_CODE}}}.

Computers install it at their next start. To remove it: All Tasks > Remove > immediately.
No Group Policy has installed it: try one computer first.
"""


def winget_manifests(file: str, digest: str, url: str = "") -> dict[str, str]:
    """Return the three files of a version in a source of winget."""
    common = {"PackageIdentifier": IDENTIFIER, "PackageVersion": VERSION}
    installer = {
        **common,
        "InstallerType": "wix",
        "Scope": "machine",
        "UpgradeBehavior": "install",
        "MinimumOSVersion": OLDEST_WINDOWS,
        "ElevationRequirement": "elevationRequired",
        "ProductCode": f"{{{product_code()}}}",
        "AppsAndFeaturesEntries": [
            {
                "DisplayName": NAME,
                "Publisher": MANUFACTURER,
                "ProductCode": f"{{{product_code()}}}",
                "UpgradeCode": f"{{{UPGRADE_CODE}}}",
                "InstallerType": "wix",
            }
        ],
        "Installers": [
            {
                "Architecture": ARCHITECTURE,
                "InstallerUrl": f"{(url or NOWHERE).rstrip('/')}/{file}",
                "InstallerSha256": digest.upper(),
            }
        ],
    }
    locale = {
        **common,
        "PackageLocale": LOCALE,
        "Publisher": MANUFACTURER,
        "PackageName": NAME,
        "License": "Apache-2.0",
        "ShortDescription": SUMMARY,
    }
    documents = {"version": {**common, "DefaultLocale": LOCALE}, "installer": installer}
    documents["defaultLocale"] = locale
    names = {"version": "", "installer": ".installer", "defaultLocale": f".locale.{LOCALE}"}
    return {
        f"winget/{IDENTIFIER}{names[kind]}.yaml": _yaml(
            {**documents[kind], "ManifestType": kind, "ManifestVersion": WINGET_SCHEMA}
        )
        for kind in WINGET_KINDS
    }


def _yaml(document: dict[str, Any]) -> str:
    """Return a document as YAML: a text of JSON is one of YAML, too."""
    return "".join(_lines(document, ""))


def _lines(document: dict[str, Any], indent: str) -> list[str]:
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            lines.append(f"{indent}{key}:\n")
            for element in value:
                inner = _lines(element, f"{indent}  ")
                lines += [f"{indent}- {inner[0][len(indent) + 2 :]}", *inner[1:]]
        else:
            lines.append(f"{indent}{key}: {json.dumps(value)}\n")
    return lines
