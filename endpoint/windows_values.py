"""What every description of Tipstaff for Windows says alike: package, Intune, winget, Group Policy."""

import uuid

import tipstaff_policy

NAME, MANUFACTURER = "Tipstaff", "The authors of Tipstaff"
IDENTIFIER = "Tipstaff.Tipstaff"
"""As winget calls it: publisher and product."""
VERSION = tipstaff_policy.__version__
SUMMARY = "Enforces who may sign in to an AI coding client, how, and where the login is stored."
PLACE = "C:\\Program Files\\Tipstaff"
ARCHITECTURE = "x64"
OLDEST_WINDOWS = "10.0.17763.0"
"""Windows 10 1809, the oldest that Python 3.13 and its libraries are tested on."""
UPGRADE_CODE = "B7E2F9C4-7C0B-5D1D-9E55-0C4C0D5B2A61"
"""The same for every version, for ever: by it an installer finds the older one."""
NAMESPACE = uuid.UUID("0f4f0f0a-6b0e-5d5f-8f6c-4c1f9b2f7a10")
"""Under which identifiers are made from what they name, so that builds repeat."""


def product_code(version: str = VERSION) -> str:
    """Return the identifier of one version, a different one for each."""
    return str(uuid.uuid5(NAMESPACE, f"product {version} {ARCHITECTURE}")).upper()


def component_code(path: str) -> str:
    """Return the identifier of a file's component, the same for the file in every version."""
    return str(uuid.uuid5(NAMESPACE, f"component {path}")).upper()


def file_name(version: str = VERSION) -> str:
    """Return the name of the installer."""
    return f"tipstaff-{version}-{ARCHITECTURE}.msi"
