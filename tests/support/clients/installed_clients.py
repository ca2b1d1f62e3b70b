"""Installed clients, as packages that state their version; their program only says which it is."""

import json


def install(prefix, version="0.160.0", name="@openai/codex"):
    """Install a package below a prefix such as ``/usr``; return the program as PATH finds it."""
    package = prefix / "lib/node_modules/@openai/codex"
    (package / "bin").mkdir(parents=True)
    (package / "package.json").write_text(json.dumps({"name": name, "version": version}))
    program = package / "bin/codex.js"
    program.write_text(f"#!/bin/sh\necho started {version}\n")
    (prefix / "bin").mkdir(exist_ok=True)
    (prefix / "bin/codex").symlink_to("../lib/node_modules/@openai/codex/bin/codex.js")
    for place in (prefix, *prefix.rglob("*")):
        if not place.is_symlink():
            place.chmod(0o755)
    return prefix / "bin/codex"


def install_bare(prefix):
    """Install a program without a package around it."""
    (prefix / "bin").mkdir(parents=True, exist_ok=True)
    program = prefix / "bin/codex"
    program.write_text("#!/bin/sh\necho started\n")
    for place in (prefix, prefix / "bin", program):
        place.chmod(0o755)
    return program
