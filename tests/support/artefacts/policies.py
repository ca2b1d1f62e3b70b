"""Policy documents of an organisation, and random ones."""

from hypothesis import strategies as st

from tipstaff_policy.model.client_key import ClientKey, KeyText
from tipstaff_policy.model.state import Origin
from tipstaff_policy.organisation.client_keys import meet_keys
from tipstaff_policy.organisation.model import (
    Allowed,
    ClientRules,
    OrganisationPolicy,
    Rule,
    Scope,
    TrustedKey,
    Waiver,
)

ROOT = """\
schema = 1
id = "example"
version = "1"
"""
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA" + "I" * 44 + " helpdesk"
WAIVER = {
    "check": '"TIP102"',
    "expires": "2026-12-01",
    "owner": '"o"',
    "approver": '"a"',
    "ticket": '"T-1"',
    "reason": '"r"',
}


def waiver(**changed):
    """Return the text of a waiver; a field that is None is left out."""
    fields = {name: text for name, text in {**WAIVER, **changed}.items() if text is not None}
    return "[[waivers]]\n" + "".join(f"{name} = {text}\n" for name, text in fields.items())


origins = st.lists(
    st.builds(Origin, st.just("organisation"), st.sampled_from("abc"), st.integers(1, 9)),
    min_size=1,
    max_size=2,
    unique=True,
).map(lambda found: tuple(sorted(found, key=lambda origin: (origin.path, origin.line))))


def _stated(values):
    return st.tuples(values, origins).map(lambda fields: Rule(*fields))


def _rule(values):
    return st.none() | _stated(values)


@st.composite
def _allowed(draw, words):
    values = tuple(sorted(draw(st.sets(st.sampled_from(words)))))
    return Allowed(values, draw(origins), wants_none=not values)


MOMENTS = st.integers(0, 4 * 10**9)
WORDS = {
    "on_violation": ("log_out", "report"),
    "environment_credentials": ("allow", "forbid"),
    "on_error": ("closed", "open"),
    "running_clients": ("report", "terminate"),
}
SETS = {
    "login_methods": ("api", "chatgpt"),
    "workspaces": ("ws-a", "ws-b", "ws-c"),
    "stores": ("auto", "file", "keyring"),
    "trusted_keys": ("k1", "k2"),
    "waiver_keys": ("key 1", "key 2"),
    "homes": ("/home", "/srv"),
    "not_waivable": ("TIP101", "TIP303"),
}
KEYS = st.lists(
    st.builds(
        ClientKey,
        st.just("codex"),
        st.sampled_from(("requirements", "config")),
        st.lists(st.sampled_from("xyz"), min_size=1, max_size=3).map(tuple),
        st.sampled_from(("1", "true", "{}", '["a"]')).map(KeyText),
        origins,
    ),
    max_size=4,
).map(lambda found: meet_keys(tuple(found), ()))
"""As a policy holds them: each value once, with all its places."""
SEVERITIES = st.dictionaries(
    st.sampled_from(("TIP101", "TIP203")),
    _stated(st.sampled_from(("info", "low", "medium", "high", "critical"))),
).map(lambda found: tuple(sorted(found.items())))


def _some(values):
    """Return sorted tuples without doubles, as the reader makes them."""
    return st.lists(values, max_size=2, unique=True).map(
        lambda found: tuple(sorted(found, key=repr))
    )


CLIENTS = st.dictionaries(
    st.sampled_from(("claude", "gemini")),
    st.fixed_dictionaries(
        {
            "login_methods": st.none() | _allowed(("console", "oauth")),
            "organisations": st.none() | _allowed(("org-a", "org-b")),
            "oldest_version": _rule(st.tuples(st.just(2), st.integers(0, 3), st.just(0))),
            "environment_credentials": _rule(st.sampled_from(WORDS["environment_credentials"])),
            "names": _some(st.tuples(st.sampled_from(("org-a", "org-b")), st.just("A"))),
        }
    ),
    max_size=2,
).map(lambda found: tuple(ClientRules(name, **found[name]) for name in sorted(found)))


def _of(**fields):
    return st.fixed_dictionaries(fields)


FRAGMENT = _of(
    **{name: st.none() | _allowed(words) for name, words in SETS.items()},
    environment_credentials=_rule(st.sampled_from(WORDS["environment_credentials"])),
    scrub_environment=_rule(st.booleans()),
    on_error=_rule(st.sampled_from(WORDS["on_error"])),
    valid_from=_rule(MOMENTS),
    valid_until=_rule(MOMENTS),
    longest_age_s=_rule(st.integers(1, 10**6)),
    oldest_client=_rule(st.tuples(st.just(0), st.integers(100, 200), st.integers(0, 3))),
    severities=SEVERITIES,
    client_keys=KEYS,
    clients=CLIENTS,
    waivers=_some(
        st.tuples(st.sampled_from(("TIP101", "TIP102")), MOMENTS, st.sampled_from("xy")).map(
            lambda fields: Waiver(*fields, "a", "t", "r", origin=Origin("organisation", "a", 1))
        )
    ),
)
ROOT_ONLY = _of(
    id=_stated(st.sampled_from(("p", "q"))),
    version=_rule(st.sampled_from("12")),
    counter=_rule(st.integers(0, 12)),
    on_violation=_rule(st.sampled_from(WORDS["on_violation"])),
    running_clients=_rule(st.sampled_from(WORDS["running_clients"])),
    enforce_from=_rule(MOMENTS),
    workspace_names=_some(st.tuples(st.sampled_from(("ws-a", "ws-b")), st.just("A"))),
    scopes=_some(st.tuples(st.sampled_from(("ci", "dev"))).map(lambda n: Scope(*n, ("ci-*",)))),
)


def _policy(**stated):
    """Return a policy that has the keys which it trusts, as the reader gives them."""
    trusted = stated["trusted_keys"].values if stated["trusted_keys"] else ()
    return OrganisationPolicy(keys=tuple(TrustedKey(key_id, "{}") for key_id in trusted), **stated)


fragments = FRAGMENT.map(lambda stated: _policy(**stated))
roots = st.tuples(FRAGMENT, ROOT_ONLY).map(lambda two: _policy(**two[0], **two[1]))
policies = fragments | roots
