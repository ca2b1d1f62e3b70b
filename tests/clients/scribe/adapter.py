"""Scribe, as the engine asks for it; nothing outside of this folder knows the client."""

from scribe import ENTRY_POINTS
from scribe.config import KEY_TEXTS, effective
from scribe.credentials import SLOTS
from scribe.decision import by_administrators, decide
from scribe.places import FOLDER, LOCK, LOCK_STALE_S, MANAGED, PROGRAM
from scribe.reading import (
    NEWEST,
    check_start,
    find_installations,
    identify,
    programs,
    read_invocation,
    read_state,
    running,
    uses_no_credential,
)
from scribe.rules import METHODS
from tipstaff_policy.clients.interface.adapter import (
    Adapter,
    StartOption,
    Versions,
)
from tipstaff_policy.clients.interface.rehearsal import MadeUpHost

REHEARSAL = MadeUpHost(
    store="state",
    login='{"theme": "dark", "login": {"method": "key", "secret": "made-up-for-a-rehearsal"}}',
    files={MANAGED["linux"].lstrip("/"): '{"allowedMethods": ["team"]}\n'},
)


def _order(version: str) -> tuple[int, ...] | None:
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else None


def _hold(folder: int, home: str, timeout_s: float):
    from tipstaff_policy.system.client_locks import hold_folder

    return hold_folder(LOCK, folder, home, timeout_s=timeout_s, stale_after_s=LOCK_STALE_S)


def _advice():
    from scribe.advice import ADVICE

    return ADVICE


def _observe(request, state):
    from scribe.facts import observe

    return observe(request, state)


def _follows(state, found):
    from scribe.facts import follows

    return follows(state, found)


def _login():
    from scribe.logins import SIGN_IN

    return SIGN_IN


def _issuer():
    from scribe.logins import ISSUER

    return ISSUER


def _stores():
    from scribe.stores import STORES

    return STORES


def _deployment():
    from scribe.deployment import DEPLOYMENT

    return DEPLOYMENT


def _lint():
    from scribe.lint import LINT

    return LINT


ADAPTER = Adapter(
    name="scribe",
    key_advice=lambda: KEY_TEXTS,
    methods=METHODS,
    sign_in={
        "team": "{} login --team",
        "token": "printenv SCRIBE_TOKEN | scribe whoami",
        "key": "printenv SCRIBE_KEY | {} login --key",
    },
    sign_in_here={
        "team": "tipstaff login",
        "key": "printenv SCRIBE_KEY | tipstaff login --by key",
    },
    folder=FOLDER,
    slots=SLOTS,
    further_files=("settings.json",),
    hold=_hold,
    read_state=read_state,
    decide=decide,
    advice=_advice,
    effective=lambda state: effective(state.layers),
    observe=_observe,
    follows=_follows,
    program=PROGRAM,
    programs=programs,
    find_installations=find_installations,
    read_invocation=read_invocation,
    uses_no_credential=uses_no_credential,
    by_administrators=by_administrators,
    identify=identify,
    together=(),
    running=running,
    live_evidence=("running",),
    login=_login,
    issuer=_issuer,
    removal_verb="scribe logout",
    custody=_stores,
    deployment=_deployment,
    lint=_lint,
    entry_points=ENTRY_POINTS,
    start_options=(StartOption("--set", "overrides", "KEY=VALUE"),),
    check_start=check_start,
    versions=Versions((NEWEST,), _order),
    libraries={},
    rehearsal=lambda: REHEARSAL,
)
