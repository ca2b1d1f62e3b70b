"""Install versions of the real client below `.client-claude/`, each once.

    python tests/conformance_claude/install.py [VERSION …]

A version counts as installed once its program states that version; it is read, not run. What fails
is one line, so that the tests can say that the client was not run.
"""

import json
import mmap
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CLIENTS = ROOT / ".client-claude"
PACKAGE = "@anthropic-ai/claude-code"
CORPUS = "corpus-{}.jsonl.gz"
VERSIONS = tuple(
    sorted(
        (path.name.removeprefix("corpus-").removesuffix(".jsonl.gz")
         for path in Path(__file__).parent.glob(CORPUS.format("*"))),
        key=lambda name: tuple(map(int, name.split("."))),
    )
)  # fmt: skip
"""Those that are recorded, the oldest first: one on each side of every change that is known."""
NEWEST = VERSIONS[-1]
STATED = re.compile(rb"// Version: ([0-9.]+)")
CPUS = {"x86_64": "x64", "aarch64": "arm64", "arm64": "arm64"}
LIMIT_S = 900


def program_of(folder):
    """Return the program of an installation, without the launcher in front; None without one.

    Up to some version it is a script for Node.js, since then a program of its own, in a package
    for each processor.
    """
    packages = Path(folder) / "node_modules" / "@anthropic-ai"
    cpu = CPUS.get(os.uname().machine, os.uname().machine)
    places = (packages / f"claude-code-linux-{cpu}" / "claude", packages / "claude-code" / "cli.js")
    return next((place for place in places if place.is_file()), None)


def stated_version(program):
    """Return the version that a program states in itself; None if it states none."""
    with Path(program).open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as data:
        found = STATED.search(data)
        return found[1].decode() if found else None


def find_client(version=NEWEST):
    """Return the words that start a version; None where it is not installed."""
    program = program_of(CLIENTS / version)
    if program is None or not is_stamped(version):
        return None
    node = shutil.which("node")
    if program.suffix != ".js":
        return [str(program)]
    return [node, str(program)] if node else None


def stamp_of(version):
    return CLIENTS / version / ".stamp"


def is_stamped(version):
    """Return whether a version was installed whole and verified."""
    return stamp_of(version).exists()


def install(version):
    """Install a version and verify it.

    Raises:
        OSError: It cannot be installed, or is another version.
    """
    if is_stamped(version):
        return
    folder = CLIENTS / version
    words = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder)]
    done = subprocess.run(
        [*words, f"{PACKAGE}@{version}"], check=False, capture_output=True, text=True,
        timeout=LIMIT_S,
    )  # fmt: skip
    if done.returncode:
        reason = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise OSError(f"npm failed: {' '.join(reason) or done.returncode}")
    verify(version, folder)
    stamp_of(version).touch()


def verify(version, folder):
    """Compare the version of an installation with the one that its package and program state.

    Raises:
        OSError: One of them states another version, or there is no program.
    """
    program = program_of(folder)
    if program is None:
        raise OSError(f"{folder} holds no program for this processor")
    package = json.loads((program.parent / "package.json").read_text())
    stated = {"package.json": package["version"], program.name: stated_version(program)}
    for name, found in stated.items():
        if found != version:
            raise OSError(f"{name} of {folder} states version {found}, expected {version}")


def main():
    failed = False
    for version in sys.argv[1:] or [NEWEST]:
        try:
            install(version)
        except (OSError, subprocess.TimeoutExpired) as error:
            failed = True
            print(f"client {version} could not be installed: {error}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
