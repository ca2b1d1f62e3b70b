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

from conformance_claude.stand_in import OWNER
from tipstaff_policy.clients import CLIENTS, PROGRAMS, load_client
from tipstaff_policy.clients.interface.adapter import every_invocation
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import HeldCredential, ServiceAnswer

NAME, PROGRAM = "claude", "claude"
PACKAGE = "tipstaff_policy.clients.claude"
MODULE = f"{PACKAGE}.adapter"
ENGINE = [os.path.realpath(sys.executable), "-S", str(Path(__file__).with_name("engine.py"))]
"""By the interpreter itself, which needs nothing that is installed."""
ENGINE_ENV = {"LD_LIBRARY_PATH": "/mnt/python/lib"}
"""Where the interpreter finds its own library in the namespace."""
LAID_AT = "/mnt/host"
"""Where the hosts lie in the namespace."""
SERVER_CACHE = "remote-settings.json"
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


def is_comparable(host, outcome):
    """Return whether the files alone say how a host ends.

    They do not where the service has a policy of its own for the account, where it takes back one
    that is kept on the host, where it is silent although its policy is required, and where a
    refresh changes the login before it is judged.
    """
    policy = any("/api/claude_code/settings" in question for question, *_ in outcome.asked)
    served = host.service.get("settings", [404, {}])
    cached = any(SERVER_CACHE in name for name in host.home)
    refreshed = any("/v1/oauth/token" in question for question, *_ in outcome.asked)
    if (
        refreshed
        or outcome.ending == "stopped: no fresh server policy"
        or (policy and served is not None and served[0] == 200)
    ):
        return False
    return not (cached and served is not None)


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


def ask(namespace, host, version):
    """Return the decision on a host as its user's Tipstaff makes it, in the namespace."""
    words = [*ENGINE, version, json.dumps(host._asdict())]
    found = namespace.run(words, host._replace(env=ENGINE_ENV))
    if found["code"]:
        return {"verdict": f"failed: {found['err'][-300:]}", "active": None, "reason": ""}
    return json.loads(found["out"])


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
    found = {
        source
        for request in sent
        for _, text in request
        for beginning, sources in SOURCES
        if text.startswith(beginning)
        for source in sources
    }
    return found | set(KEYS) if HEADERS in found else found
