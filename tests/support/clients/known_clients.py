"""The made-up client of tests/clients/scribe, known to this process or to one that is started."""

import json
import sys
from pathlib import Path

import pytest

from support.clients.slot_contract import SECRET
from support.machines.hosts import run
from tipstaff_policy.clients import CLIENTS, PROGRAMS, load_client

sys.path.insert(0, str(Path(__file__).parents[2] / "clients"))
from scribe.adapter import ADAPTER

__all__ = ["ADAPTER"]
NAME = "scribe"
FIRST = load_client("codex")
LOGINS = {
    "team": {"method": "team", "secret": SECRET, "account": "dev@example.org", "savedAt": 1},
    "token": {"method": "token", "secret": SECRET},
    "key": {"method": "key", "secret": SECRET},
}
ONLY_TEAM = {"allowedMethods": ["team"]}
RUN = (
    "import sys; sys.path.insert(0, {tests!r}); from support.clients import known_clients; "
    "known_clients.register(alone={alone}); from {module} import main; sys.exit(main())"
)


def register(*, alone=False):
    """Make the second client known to this process: the one line that a client needs elsewhere."""
    if alone:
        CLIENTS.clear()
        PROGRAMS.clear()
    CLIENTS[NAME] = "scribe.adapter"
    PROGRAMS[NAME] = NAME


@pytest.fixture
def both_clients(monkeypatch):
    """Tipstaff as it would be with one more folder below `clients`."""
    monkeypatch.setitem(CLIENTS, NAME, "scribe.adapter")
    monkeypatch.setitem(PROGRAMS, NAME, NAME)


def run_with_both(module, *words, alone=False, **options):
    """Run a program of Tipstaff that knows both clients, or the second one alone."""
    code = RUN.format(tests=str(Path(__file__).parents[2]), module=module, alone=alone)
    return run([sys.executable, "-c", code, *words], **options)


def make_scribe(root, *, login="key", vault=None, managed=None, drop_in=None, user=None):
    """Lay out a host of the second client in a system root; return the root."""
    root = Path(root)
    home, etc = root / "home/dev/.scribe", root / "etc/scribe"
    (etc / "scribe-settings.d").mkdir(parents=True)
    home.mkdir(parents=True)
    state = {"theme": "dark", "history": [1, 2]}
    files = {
        home / "state.json": {"login": LOGINS[login], **state} if login else state,
        home / "vault.json": LOGINS[vault] if vault else None,
        home / "settings.json": user,
        etc / "scribe-settings.json": managed,
        etc / "scribe-settings.d/10-more.json": drop_in,
    }
    for path, content in files.items():
        if content is not None:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
            path.chmod(0o600 if path.parent == home else 0o644)
    return root


def has_login(root):
    """Return whether the member of the larger document is there."""
    return "login" in state_of(root)


def state_of(root):
    return json.loads((root / "home/dev/.scribe/state.json").read_text())
