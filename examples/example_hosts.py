"""The example hosts, and copies of them as on a real disk."""

import shutil
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPECTED = tomllib.loads((HERE / "hosts.toml").read_text("utf-8"))
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700
PRIVATE = 0o600
OTHERS_WRITE = 0o022
"""What a generous umask leaves in a checkout."""


def platform_of(name):
    """Return the option that names the platform of a host."""
    return ("--platform", EXPECTED[name].get("platform", "linux"))


def copy_host(name, folder):
    """Copy one host and give its files the modes that a checkout cannot carry."""
    copy = Path(folder) / name
    shutil.copytree(HERE / "hosts" / name, copy, symlinks=True)
    for place in (copy, *copy.rglob("*")):
        if not place.is_symlink():
            place.chmod(place.stat().st_mode & ~OTHERS_WRITE)
    if "loose" in EXPECTED[name]:
        (copy / EXPECTED[name]["loose"]).chmod(0o666)
    home = copy / EXPECTED[name].get("home", "home/dev/.codex")
    for place in home.rglob("*"):
        if not place.is_symlink():
            place.chmod(PRIVATE_FOLDER if place.is_dir() else PRIVATE)
    if "mode" in EXPECTED[name]:
        (home / "auth.json").chmod(int(EXPECTED[name]["mode"], 8))
    return copy
