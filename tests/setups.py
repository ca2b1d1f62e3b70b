"""Trees that stand for a host, on which Tipstaff is installed."""

import os
import stat
from pathlib import Path

from clients import install as install_client
from clients import install_bare
from tipstaff_policy.clients.shim import read_shim
from tipstaff_policy.installation.commands import install, look, uninstall
from tipstaff_policy.installation.model import Wanted
from tipstaff_policy.installation.platforms import load_platform
from tipstaff_policy.installation.status import diagnose_status
from tipstaff_policy.system.files import within

PYTHON = "/opt/tipstaff/bin/python3"
GUARD = "/opt/tipstaff/lib/tipstaff_policy/guard.py"
ENTRY = "/usr/bin/codex"
CLIENT = "#!/bin/sh\necho started 0.160.0\n"
UNIT = "usr/local/lib/systemd/system/tipstaff-enforce.timer"
PACKAGE = "usr/lib/node_modules/@openai/codex"
KINDS = {"link": install_client, "file": install_bare}
WORDS = ("--python", PYTHON, "--guard", GUARD)


def wanted(version="0.1.0", folders=(), platform="linux", *, units=True):
    services = load_platform(platform).services
    files = services.files(PYTHON) if units else ()
    return Wanted(version, PYTHON, GUARD, ("codex",), folders, files, platform)


def make_tree(root):
    """Lay out a host with Tipstaff's package, and no client yet."""
    for path, mode in ((PYTHON, 0o755), (GUARD, 0o644), ("/usr/lib/systemd/systemd", 0o755)):
        place = root / path[1:]
        place.parent.mkdir(parents=True)
        place.write_text("")
        place.chmod(mode)
    for folder in ("usr/local/lib", "etc/systemd/system", "etc/systemd/user", "var/lib", "usr/bin"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for each in (root, *root.rglob("*")):
        each.chmod(0o755 if each.is_dir() else stat.S_IMODE(each.stat().st_mode))
    return root


def snapshot(root):
    """Return everything below a folder: modes, and contents or links."""
    return {
        str(each.relative_to(root)): (
            str(each.readlink())
            if each.is_symlink()
            else (stat.S_IMODE(each.stat().st_mode), None if each.is_dir() else each.read_bytes())
        )
        for each in root.rglob("*")
    }


def started(root, path=ENTRY):
    """Return what starts by the client's name, and whether behind the guard; None for nothing."""
    place = within(str(root), path)
    if not os.access(place, os.X_OK):
        return None
    shim = read_shim(place)
    if shim is None:
        return Path(place).read_text(), "bare"
    parts = [within(str(root), each) for each in (shim.python, shim.guard, shim.client)]
    if not all(map(os.path.isfile, parts)):
        return None
    return Path(parts[2]).read_text(), "guarded"


def tree(folder, kind="link"):
    root = make_tree(folder / "root")
    KINDS[kind](root / "usr")
    return root


def installed(root, **how):
    return install(str(root), wanted(**how), dry_run=False)


def uninstalled(root, **how):
    return uninstall(str(root), wanted(**how), dry_run=False)


def bad(root, version="0.1.0", **how):
    symptoms = diagnose_status(look(str(root), wanted(version, **how), ()))
    return [f"{symptom.name}: {symptom.observed}" for symptom in symptoms if symptom.mark == "bad"]
