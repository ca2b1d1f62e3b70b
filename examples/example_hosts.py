"""The example hosts, and copies of them as on a real disk."""

import json
import shutil
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
EXPECTED = tomllib.loads((HERE / "hosts.toml").read_text("utf-8"))
VERSIONS = {"codex": "0.169.0", "claude": "2.1.332"}
LOGINS = {"codex": "home/dev/.codex/auth.json", "claude": "home/dev/.claude/.credentials.json"}
BOTH = "both"
PRIVATE, PRIVATE_FOLDER, OPEN_FOLDER = 0o600, 0o700, 0o755
OTHERS_WRITE = 0o022
"""What a generous umask leaves in a checkout."""


def client_of(name):
    """Return the client of which a host is an example, or ``both``."""
    return EXPECTED[name].get("client", "codex")


def hosts_of(*clients):
    """Return the names of the hosts that are examples of one of these clients alone."""
    return [name for name in EXPECTED if client_of(name) in clients]


def platform_of(name):
    """Return the option that names the platform of a host."""
    return ("--platform", EXPECTED[name].get("platform", "linux"))


def options_of(name):
    """Return the options that judge a host as its table expects."""
    client = client_of(name)
    if client == BOTH:
        return platform_of(name)
    if not EXPECTED[name].get("version_found"):
        return ("--client", client, "--client-version", VERSIONS[client], *platform_of(name))
    return ("--client", client, *platform_of(name))


def login_of(name):
    """Return the file of a host's login in its tree, and the member that is one in a larger file."""
    path, _, member = (EXPECTED[name].get("login") or LOGINS[client_of(name)]).partition("#")
    return path, member


def holds_login(name, root):
    """Return whether a host still has the login that its table is about; a dead link counts."""
    path, member = login_of(name)
    file = Path(root) / path
    if member:
        return file.exists() and member in json.loads(file.read_bytes())
    return file.is_symlink() or file.exists()


def mode_of(place, home):
    """Return the mode of a file in a home, or of a folder; a client's own folder may be looked into."""
    if not place.is_dir():
        return PRIVATE
    return OPEN_FOLDER if place.parent == home else PRIVATE_FOLDER


def copy_host(name, folder):
    """Copy one host and give its files the modes that a checkout cannot carry."""
    copy = Path(folder) / name
    shutil.copytree(HERE / "hosts" / name, copy, symlinks=True)
    for place in (copy, *copy.rglob("*")):
        if not place.is_symlink():
            place.chmod(place.stat().st_mode & ~OTHERS_WRITE)
    if "loose" in EXPECTED[name]:
        (copy / EXPECTED[name]["loose"]).chmod(0o666)
    for home in (*copy.glob("home/*"), *copy.glob("Users/*")):
        for place in home.rglob("*"):
            if not place.is_symlink():
                place.chmod(mode_of(place, home))
    if "mode" in EXPECTED[name]:
        (copy / login_of(name)[0]).chmod(int(EXPECTED[name]["mode"], 8))
    return copy
