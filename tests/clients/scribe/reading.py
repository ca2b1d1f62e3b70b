"""Reading a host: settings, credentials, programs, and whose a login is."""

import json
import os

from scribe.config import read_layers
from scribe.credentials import (
    NAMES,
    copied_credential,
    environment_credentials,
    helper_credential,
    read_login,
    stored_credential,
)
from scribe.places import PROGRAM, find_home, on_disk
from scribe.rules import rules_of
from tipstaff_policy.clients.shim import why_unguarded
from tipstaff_policy.errors import UsageError
from tipstaff_policy.model.host_facts import LooseFile, Program, Running
from tipstaff_policy.model.request import Invocation, Request
from tipstaff_policy.model.state import Client, HostState, ServiceAnswer
from tipstaff_policy.system.owners.loose_places import loose_places

NEWEST = "2.0.0"
FOLDERS = ("/usr/local/bin", "/usr/bin")
ANSWERS = "SCRIBE_SERVICE"
"""Stands for the client's service: names a file with the organisation of each secret."""
SERVICE = "https://api.scribe.example/owner"


def read_state(request: Request) -> HostState:
    """Return everything that is judged on a host."""
    home = find_home(request)
    layers = read_layers(request, home.path)
    unstored = (*environment_credentials(request), *helper_credential(layers))
    stored = {name: stored_credential(request, home.path, name) for name in NAMES}
    copied = copied_credential(request, home.path)
    in_force = stored[rules_of(layers).store]
    own = not request.system_root and not request.options.unasked
    return HostState(
        client=request.client or find_installations(request)[0],
        home=home.path,
        home_from=home.named_by,
        cwd=request.cwd,
        platform=request.platform,
        environment="own" if own else "not_seen",
        evaluated_at=request.now,
        layers=layers,
        credentials=(*unstored, in_force),
        faults=(home.fault,) if home.fault else (),
        places=(*unstored, *stored.values(), copied),
        defaults_bind=request.options.unasked,
        system_root=request.system_root,
    )


def find_installations(request: Request) -> tuple[Client, ...]:
    """Return every client that a request is about; nothing shows which version it is."""
    if request.client:
        return (request.client,)
    if request.client_version is not None:
        return (_client(request, None, request.client_version),)
    found = [] if request.program is None else [request.program]
    found = found or [path for path in _paths(request) if os.path.isfile(on_disk(path, request))]
    return tuple(_client(request, path) for path in found[:1]) or (_client(request, None),)


def _client(request: Request, path: str | None, version: str | None = None) -> Client:
    return Client(
        name="scribe",
        version=version or NEWEST,
        version_source="option" if version else "assumed",
        path=path,
        proven=version == NEWEST or path is None,
        entry_point=request.entry_point,
        precedence="scribe-2",
        precedence_evidence="run",
    )


def _paths(request: Request) -> list[str]:
    own = () if request.system_root else request.env.get("PATH", "").split(":")
    return [f"{folder}/{PROGRAM}" for folder in dict.fromkeys((*own, *FOLDERS)) if folder]


def programs(request: Request) -> tuple[Program, ...] | None:
    """Return every program of the client's name, and whether the guard fronts it."""
    if request.platform == "windows":
        return None
    root = request.system_root
    places = {path: on_disk(path, request) for path in _paths(request)}
    return tuple(
        Program(path, why_unguarded(place, root))
        for path, place in places.items()
        if os.path.isfile(place) and os.access(place, os.X_OK)
    )


def running(_home: str) -> Running:
    """Return no process: the client runs nowhere."""
    return Running()


def loose_files(request: Request, state: HostState):
    """Return the administrators' files that others could change."""
    found = []
    for layer in state.layers:
        if layer.administrators and layer.content.state != "absent":
            places = loose_places(layer.path, request.system_root, request.platform) or ()
            found += [LooseFile(layer.path, tuple(map(str, places)))] if places else []
    return tuple(found)


def identify(
    request: Request, state: HostState, sources: tuple[str, ...]
) -> tuple[ServiceAnswer, ...]:
    """Ask the service whose logins are; here a file answers."""
    answers = _answers(request)
    return tuple(_answer(request, state.home, source, answers) for source in sources)


def _answers(request: Request) -> dict[str, str]:
    try:
        with open(request.env[ANSWERS], encoding="utf-8") as file:
            found: dict[str, str] = json.load(file)
    except (KeyError, OSError, ValueError):
        return {}
    return found


def _answer(request: Request, home: str, source: str, answers: dict[str, str]) -> ServiceAnswer:
    login = read_login(request, home, source) if source in NAMES else None
    secret = login["secret"] if login else request.env.get(source, "")
    named = answers.get(secret)
    return ServiceAnswer(source, named, SERVICE, "" if named else "it did not answer")


def read_invocation(words: tuple[str, ...]) -> tuple[Invocation, ...] | None:
    """Return what a command line of the client says; None where it is not one."""
    if not words or os.path.basename(words[0]) != PROGRAM:
        return None
    verbs = [word for word in words[1:] if not word.startswith("-")]
    point = verbs[0] if verbs and verbs[0] in ("batch", "agent") else "chat"
    return (Invocation(point, overrides=tuple(_overrides(words))),)


def _overrides(words: tuple[str, ...]) -> list[str]:
    return [word.removeprefix("--set=") for word in words if word.startswith("--set=")]


def uses_no_credential(words: tuple[str, ...]) -> bool:
    """Return whether a command signs in by no credential."""
    return words[1:2] in (("login",), ("logout",), ("--version",), ("--help",))


def check_start(request: Request) -> None:
    """Refuse what the client does not take."""
    for override in request.overrides:
        if "=" not in override:
            raise UsageError(f"--set={override} has no value", expected="--set=KEY=VALUE")
