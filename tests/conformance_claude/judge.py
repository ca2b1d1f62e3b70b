"""Tipstaff's foresight on a host, held against what the real client did there.

Two ways lead to it: in the namespace, on the very files that the client met (`ask`), and in this
process on a copy, where neither client nor namespace is (`foretell`). The adapter is found by its
line in the table of clients; as long as it has none, it is made known here.
"""

import contextlib
import importlib.util
import json
import os
import re
import sys
import time
from pathlib import Path

from conformance_claude import traces
from conformance_claude.stand_in import OWNER
from tipstaff_policy.clients import CLIENTS, PROGRAMS, load_client
from tipstaff_policy.clients.interface.adapter import every_invocation
from tipstaff_policy.logins import logout
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HeldCredential, ServiceAnswer

NAME, PROGRAM = "claude", "claude"
PACKAGE = "tipstaff_policy.clients.claude"
MODULE = f"{PACKAGE}.adapter"
ENGINE = [os.path.realpath(sys.executable), "-S", str(Path(__file__).with_name("engine.py"))]
"""By the interpreter itself, which needs nothing that is installed."""
LAID_AT = "/mnt/host"
"""Where the hosts lie in the namespace."""
SERVER_CACHE = "remote-settings.json"
OK = 200
VERDICTS = {
    "started": ("allow",),
    "signed out": ("not_logged_in", "ignore_credential"),
    "refused": ("block",),
    "stopped": ("refuse",),
}
"""The verdicts that foretell each kind of ending."""
INVALID_RULES = ("refused: no organisation", "refused: provider")
"""The endings that an invalid rule has too, which is a fault of the policy and no refusal."""
HEADERS = "ANTHROPIC_CUSTOM_HEADERS"
KEYS = ("ANTHROPIC_API_KEY", "apiKeyHelper", "config", "legacy-config")
"""What a key in custom headers takes the place of on the way, though not in the decision."""
SOURCES = (
    ("made-up-key-of-variable", ("ANTHROPIC_API_KEY",)),
    ("made-up-bearer-of-variable", ("ANTHROPIC_AUTH_TOKEN",)),
    ("made-up-key-of-helper", ("apiKeyHelper",)),
    ("made-up-token-of-", ("CLAUDE_CODE_OAUTH_TOKEN",)),
    ("made-up-key-of-header", (HEADERS,)),
    ("made-up-login-of-", ("credentials",)),
    ("made-up-console-key", ("config", "legacy-config")),
    ("made-up-profile-of-", ("profiles",)),
)
"""Where each made-up credential comes from, as the adapter names it."""
EMPTY_BEARER, EMPTY_KEY = ("bearer", "(empty)"), ("key", "(empty)")
BY_EMPTY_BEARER = ("ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN", "apiKeyHelper")
"""What is sent as an empty bearer where it holds blanks alone, or where the helper fails."""
BESIDE_IT = "ANTHROPIC_API_KEY"
"""What goes along with it as an empty key, where it holds blanks alone."""
SWITCHES = "CLAUDE_CODE_USE_"
"""How the name of each variable begins that chooses a cloud, whose credentials are its own."""


def is_there():
    """Return whether the adapter can be loaded."""
    try:
        return importlib.util.find_spec(MODULE) is not None
    except ModuleNotFoundError:
        return False


def make_known():
    """Make the client known to this process: the one line that an adapter needs elsewhere."""
    CLIENTS.setdefault(NAME, MODULE)
    PROGRAMS.setdefault(PROGRAM, NAME)


def why_not_comparable(host, outcome):
    """Return why the files alone do not say how a host ends; nothing where they do.

    They do not where the service has a policy of its own for the account, where it takes back one
    that is kept on the host, where it is silent although its policy is required, and where a
    refresh changes the login before it is judged.
    """
    asked = [question for question, *_ in outcome.asked]
    served = host.service.get("settings", [404, {}])
    has_policy = served is not None and served[0] == OK
    if any("/v1/oauth/token" in question for question in asked):
        return "the login was refreshed first"
    if outcome.ending == "stopped: no fresh server policy":
        return "the service's policy is required, and it is silent"
    if has_policy and any("/api/claude_code/settings" in question for question in asked):
        return "the service has a policy of its own"
    if served is not None and any(SERVER_CACHE in name for name in host.home):
        return "the service takes back the policy that is kept"
    return ""


def is_comparable(host, outcome):
    """Return whether the files alone say how a host ends."""
    return not why_not_comparable(host, outcome)


def hides_files(host):
    """Return whether a host has a file that its user cannot read, and root can."""
    owned = (*host.home.values(), *host.project.values())
    return any(_lacks(content, 0o400) for content in owned) or any(
        _lacks(content, 0o004) for content in host.managed.values()
    )


def _lacks(content, right):
    return isinstance(content, dict) and not content.get("mode", right) & right


def request_of(host, root, version):
    """Return the request that a start on a host amounts to.

    Args:
        root: The folder in which home and project lie.
    """
    env = {name: value.replace(LAID_AT, root) for name, value in host.env.items()}
    request = Request(
        env={"HOME": f"{root}/home", "PATH": "/usr/bin:/bin", **env},
        cwd=f"{root}/project",
        now=int(time.time()),
        client_version=version,
    )
    command = (PROGRAM, *host.flags, "-p", "hi")
    return every_invocation(load_client(NAME), request, command)[0]


def answers_of(host, state):
    """Return what the service of a host says of the credentials that only it knows about."""
    found = []
    for credential in state.credentials:
        content = credential.content
        if isinstance(content, HeldCredential) and any(
            identity.known == "service" for identity in content.identities
        ):
            found.append(_answer(host, credential))
    return tuple(found)


def _answer(host, credential):
    if "validate" in host.service:
        return ServiceAnswer(credential.source, None, "made up", "it did not answer")
    owner = OWNER.search(_text_of(host, credential))
    return ServiceAnswer(credential.source, owner[1] if owner else None, "made up")


def _text_of(host, credential):
    """Return the made-up token of a credential, which says whose it is."""
    if credential.path is not None and os.path.isfile(credential.path):
        return Path(credential.path).read_text("utf-8", "replace")
    given = (host.env, host.managed, host.home, host.project, host.flags)
    token = r"made-up-token-of-org-\w+"
    return next((m[0] for part in given if (m := re.search(token, json.dumps(part)))), "")


def foretell(host, root, version):
    """Return the decision on a host that is below a folder."""
    adapter = load_client(NAME)
    state = adapter.read_state(request_of(host, root, version))
    decision = adapter.decide(state._replace(identities=answers_of(host, state)))
    return {"verdict": decision.verdict, "active": decision.active, "reason": decision.reason}


@contextlib.contextmanager
def managed_files_at(folder):
    """Have the adapter look for the administrators' files in another folder."""
    from tipstaff_policy.clients.claude import platforms

    before = platforms.TABLES["linux"]
    platforms.TABLES["linux"] = before._replace(system=str(folder))
    try:
        yield
    finally:
        platforms.TABLES["linux"] = before


@contextlib.contextmanager
def known_by(row, version):
    """Have this process know a version by other values of its row of behaviour."""
    from tipstaff_policy.clients.claude import versions

    before = versions.SPANS
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    if values:
        own = versions.behaviours_of(version)[0]._replace(**values)
        versions.SPANS = (*before, versions.Span(versions.version_number(version), (own,)))
    try:
        yield
    finally:
        versions.SPANS = before


def log_out(host, root, version):
    """Log out on a host that is below a folder; return how that ended."""
    done = logout.log_out(load_client(NAME), request_of(host, root, version), lock_timeout_s=0)
    steps = [[step.store, step.path, step.outcome] for step in done.steps]
    return {"code": done.exit_code, "steps": steps}


def ask(namespace, host, version, row=None):
    """Return the decision on a host as its user's Tipstaff makes it, in the namespace.

    Args:
        row: Other values for the row of behaviour of the version.
    """
    found = _asked(namespace, host, version, "foretell", row)["answer"]
    if "failed" in found:
        return {"verdict": f"failed: {found['failed']}", "active": None, "reason": ""}
    return found


def ask_to_log_out(namespace, host, version):
    """Return what is left of a host on which its user's Tipstaff has logged out."""
    return _asked(namespace, host, version, "log out")


def _asked(namespace, host, version, way, row=None):
    question = {"way": way, "version": version, "host": host._asdict(), "row": row or {}}
    return namespace.ask(ENGINE, host, question)


def log_out_on_copy(host, root, version):
    """Return what is left of a copy of a host on which Tipstaff has logged out."""
    home = f"{root}/home"
    before = traces.contents(home, host.home)
    answer = log_out(host, str(root), version)
    left = traces.fates(before, traces.contents(home, before))
    return {"answer": answer, "left": left, "holding": traces.holding(home)}


def difference(ours, outcome):
    """Return in words where a decision and what the client did differ; nothing if nowhere."""
    expected = VERDICTS.get(outcome.kind, ())
    expected += ("refuse",) if outcome.ending in INVALID_RULES else ()
    if ours["verdict"] not in expected:
        return f"client: {outcome.ending}; Tipstaff: {ours['verdict']} ({ours['reason']})"
    sources = sources_of(outcome.sent)
    active = ours["active"] or ""
    if sources and active not in sources and not active.startswith(SWITCHES):
        return f"client sends {outcome.sent}; Tipstaff: {ours['active']} is active"
    return ""


def sources_of(sent):
    """Return the sources of what a start sends; two can go along together."""
    found = _sources_by_text(sent)
    return found | set(KEYS) if HEADERS in found else found


def _sources_by_text(sent):
    """Return the sources that the made-up credentials themselves name, or that are sent empty."""
    placed = [(place, text) for request in sent for place, text in request]
    found = {
        source
        for _, text in placed
        for beginning, sources in SOURCES
        if text.startswith(beginning)
        for source in sources
    }
    if EMPTY_BEARER not in placed:
        return found
    return found | set(BY_EMPTY_BEARER) | ({BESIDE_IT} if EMPTY_KEY in placed else set())


STORES = (".credentials.json", ".claude.json", ".config.json")
BACKUPS, PROFILES = "/backups/", ".config/anthropic/credentials/"
OTHER_FOLDER = "other"
"""The folder that variables of these hosts name; one that they do not is not the client's."""
BLOCKED = "the client's own log-out does not run"


def stores_something(host):
    """Return whether a host has a file that a log-out could empty."""
    return any(_is_store(name, host) for name in host.home)


def _is_store(name, host):
    """Return whether a file is one in which the client of this host keeps a login."""
    if name.startswith(OTHER_FOLDER) and OTHER_FOLDER not in json.dumps(host.env):
        return False
    return name.endswith(STORES) or BACKUPS in name or name.startswith(PROFILES)


def why_no_log_out(outcome):
    """Return why what is left cannot be compared; nothing where it can."""
    return "" if outcome.kind == "logged out" else BLOCKED


def difference_left(ours, outcome, host):
    """Return in words what Tipstaff's log-out leaves or takes that it should not; else nothing.

    It leaves no credential in a store, none that the client's own log-out removes, and takes
    nothing but stores. Copies, profiles and other folders are stores that the client leaves. The
    policy that the service sent is no login: the client removes it with the account, and Tipstaff
    leaves it. In a folder that cannot be written both leave what is there, and Tipstaff says so.
    """
    if "failed" in ours["answer"]:
        return f"the log-out failed: {ours['answer']['failed']}"
    client, own = (
        {name for name in holding if SERVER_CACHE not in name}
        for holding in (outcome.holding, ours["holding"])
    )
    in_stores = sorted(name for name in own if _is_store(name, host))
    if in_stores and not (host.read_only and _says_so(ours, client, in_stores)):
        return f"a credential is left in {in_stores}: {ours['answer']}"
    if outcome.kind == "logged out" and own - client:
        return f"left by Tipstaff, removed by the client: {sorted(own - client)}"
    taken = {name for name in client - own if not _is_store(name, host)}
    taken |= {
        name for name, fate in ours["left"].items() if fate != "same" and not _is_store(name, host)
    }
    return f"taken although it is no store: {sorted(taken)}" if taken else ""


def _says_so(ours, client, in_stores):
    """Return whether Tipstaff's log-out failed, and left what the client leaves as well."""
    return ours["answer"]["code"] != 0 and set(in_stores) <= client


STORED = {"credentials", "config", "legacy-config", "profiles"}


def difference_again(outcome):
    """Return which stored login the client still uses after Tipstaff's log-out; else nothing."""
    still = sorted(_sources_by_text(outcome.sent) & STORED)
    return f"the client still signs in by {still} after the log-out" if still else ""
