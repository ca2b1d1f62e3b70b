"""The command line, and what of the engine starts and speaks, knows no client by its name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENGINE = ROOT / "policy/tipstaff_policy"
ROOMS = [
    ROOT / "cli",
    *(ENGINE / name for name in ("doctor", "all_users", "installation", "logins", "system")),
    *(ENGINE / f"{name}.py" for name in ("guard_command", "launch", "messages", "watch")),
    ENGINE / "clients/shim.py",
]
NAMES = re.compile("codex|openai|chatgpt", re.IGNORECASE)
LISTED = {
    "cli/tipstaff_cli/shared/state_options.py": 1,
    "cli/tipstaff_cli/commands/login.py": 1,
    "cli/tipstaff_cli/commands/client.py": 1,
    "cli/tipstaff_cli/commands/exec.py": 1,
    "policy/tipstaff_policy/guard_command.py": 1,
}
"""Lines with examples, and with the earlier name of an option."""
AUTHORING = tuple(f"cli/tipstaff_cli/commands/policy/{name}.py" for name in ("author", "render", "verify"))  # fmt: skip
"""What writes policies for a client is not looked at here."""


def modules():
    files = (file for room in ROOMS for file in ([room] if room.is_file() else room.rglob("*.py")))
    names = (str(file.relative_to(ROOT)) for file in files)
    return sorted(name for name in names if name not in AUTHORING)


@pytest.mark.parametrize("name", modules())
def test_no_client_is_named_but_where_it_is_listed(name):
    found = [line for line in (ROOT / name).read_text("utf-8").splitlines() if NAMES.search(line)]

    assert LISTED.get(name, 0) == len(found), found
