"""Builders of states and decisions, shared by the tests of the checks."""

from tipstaff_policy.checks import load_check
from tipstaff_policy.checks.model import Host
from tipstaff_policy.clients import load_client
from tipstaff_policy.model.host_facts import HostFacts
from tipstaff_policy.model.state import (
    AbsentLayer,
    Client,
    Credential,
    Decision,
    FileFacts,
    HeldCredential,
    HostState,
    Layer,
    Machine,
    Origin,
    ReadLayer,
    Setting,
    Violation,
    WorkspaceClaims,
)
from tipstaff_policy.organisation.in_force import orders_of
from tipstaff_policy.organisation.model import NO_POLICY

METHODS = load_client("codex").methods
AUTH = "/home/dev/.codex/auth.json"
RULE = Origin("managed", "/etc/codex/managed_config.toml", 3)
GOOD_FILE = FileFacts("file", "0600", 1000, 1000, 1)
LOGIN = HeldCredential("chatgpt", "chatgpt", claims=WorkspaceClaims("ws-a", "ws-a", "ws-a", True))
CLIENT = Client("codex", "0.169.0", "option", None, True, "exec", "codex-0.147", "run")


def stored(content=LOGIN, file=GOOD_FILE):
    return Credential("file", AUTH, content, file)


def variable(method="api"):
    return Credential("CODEX_API_KEY", None, HeldCredential("apikey", method))


def layer(name, settings=(), strays=(), rank=0, administrators=True, grammar="config"):
    made = tuple(Setting(key, value, Origin(name, f"/{name}", 1)) for key, value in settings)
    content = ReadLayer(made, strays) if made or strays else AbsentLayer()
    return Layer(name, rank, f"/{name}", administrators, grammar, content)


def state(*credentials, layers=(), environment="own"):
    return HostState(
        CLIENT,
        "/home/dev/.codex",
        "CODEX_HOME",
        "/",
        "linux",
        environment,
        0,
        tuple(layers),
        credentials,
    )


def decided(verdict="allow", active="file", **more):
    return Decision(verdict, "because", active=active, **{"methods": ("chatgpt",), **more})


def broke(attribute, observed, source="file"):
    return (Violation(attribute, source, observed, ("ws-a",), (RULE,)),)


UNKNOWN = decided("unknown", None)
REFUSED = decided("refuse", None, methods=())
IN_A = {"workspaces": ("ws-a",)}


def statuses(check_id, host):
    """Return the status of each outcome of a check on a `Host`."""
    return [outcome.status for outcome in load_check(check_id)[1](host)]


def around(decision=None, *, of=None, orders=None, **surroundings):
    """Return a host with a good login and something around it."""
    held = state(stored()) if of is None else of
    return host_of(held, decision or decided(), orders, HostFacts(**surroundings))


def host_of(held, decision, orders=None, surroundings=None):
    """Return what a check looks at, of a client with its login methods."""
    facts = surroundings or HostFacts()
    return Host(held, decision, orders, facts, methods=METHODS, plain_stores=("file",))


def ordered(**rules):
    """Return the orders of a policy with these rules."""
    return orders_of(NO_POLICY._replace(**rules), Machine(None, "host", "dev"), "codex", 0)
