"""Signing in by a workload identity, which variables choose and nothing stores.

Source: tests/conformance/test_workload_identity.py (the versions in PROVEN).
"""

from collections.abc import Mapping

from tipstaff_policy.clients.codex.config.sign_in_keys import WHITE_SPACE
from tipstaff_policy.clients.codex.locations import text_of
from tipstaff_policy.clients.codex.versions import Federation
from tipstaff_policy.model.state import Credential, HeldCredential, UnreadableCredential

WORKLOAD_VARIABLES = (
    "OPENAI_FEDERATION_RULE_ID",
    "OPENAI_IDENTITY_TOKEN_FILE",
    "OPENAI_IDENTITY_TOKEN_SOURCE",
    "OPENAI_SPIFFE_ID",
    "OPENAI_SPIFFE_AUDIENCE",
    "SPIFFE_ENDPOINT_SOCKET",
)
"""They are one sign-in together. Any but the last, even an empty one, ends all other sign-ins."""


RULE, FILE, SOURCE, IDENTITY, AUDIENCE, ENDPOINT = WORKLOAD_VARIABLES
SELECTING = {"file": (RULE, FILE), "spiffe": (RULE, FILE, SOURCE, IDENTITY, AUDIENCE)}
"""The variables of which any, even an empty one, ends every other way to sign in."""


def workload_identity(env: Mapping[str, str], federation: Federation) -> tuple[Credential, ...]:
    """Return the identity that the variables choose, or why the client stops at them."""
    chosen = next((name for name in SELECTING.get(federation, ()) if name in env), None)
    if chosen is None:
        return ()
    why = _incomplete(env, federation)
    if why:
        # Nothing is there to sign in by: what the client does is stop.
        return (Credential(chosen, None, UnreadableCredential(why, "refuse", present=False)),)
    return (
        Credential(chosen, None, HeldCredential("workloadIdentity", "chatgpt", ask="workload")),
    )


def _incomplete(env: Mapping[str, str], federation: Federation) -> str:
    """Return what is missing or wrong, as the client puts it; empty where nothing is."""
    if why := _wants(env, RULE):
        return why
    source = env.get(SOURCE, "file") if federation == "spiffe" else "file"
    if source not in ("file", "spiffe"):
        return f"{SOURCE} must be file or spiffe"
    return _of_spiffe(env) if source == "spiffe" else _of_file(env, federation)


def _of_file(env: Mapping[str, str], federation: Federation) -> str:
    if federation == "spiffe" and (IDENTITY in env or AUDIENCE in env):
        return f"SPIFFE settings require {SOURCE}=spiffe"
    if FILE not in env:
        return f"workload identity requires {FILE}"
    return "" if env[FILE].startswith("/") else f"{FILE} must be an absolute path"


def _of_spiffe(env: Mapping[str, str]) -> str:
    if FILE in env:
        return f"SPIFFE authentication cannot also set {FILE}"
    return _wants(env, ENDPOINT) or _wants(env, AUDIENCE)


def _wants(env: Mapping[str, str], name: str) -> str:
    if name not in env:
        return f"workload identity requires {name}"
    if not (text_of(env, name) or "").strip(WHITE_SPACE):
        return f"workload identity variable {name} is invalid"
    return ""
