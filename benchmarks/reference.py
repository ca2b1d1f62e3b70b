"""The reference: read the files that the guard reads, with the standard library, and do no more."""

import json
import sys
import tomllib

home, root = sys.argv[1], sys.argv[2]
for path in (
    f"{root}/etc/codex/config.toml",
    f"{home}/config.toml",
    f"{root}/etc/codex/managed_config.toml",
    f"{root}/etc/codex/requirements.toml",
    f"{root}/etc/tipstaff/policy.toml",
):
    try:
        with open(path, "rb") as file:
            tomllib.load(file)
    except FileNotFoundError:
        pass
try:
    with open(f"{home}/auth.json", encoding="utf-8") as file:
        json.load(file)
except FileNotFoundError:
    pass
