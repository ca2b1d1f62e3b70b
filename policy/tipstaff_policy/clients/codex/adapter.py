"""The Codex CLI, as the engine asks for it."""

import os

from tipstaff_policy.clients.codex.command_line import read_invocation
from tipstaff_policy.clients.codex.credentials import environment_credentials, file_credential
from tipstaff_policy.clients.codex.decision import MANAGED_PLANS, decide
from tipstaff_policy.clients.codex.documents import LayerFile, Source, read_layer_file
from tipstaff_policy.clients.codex.installation import find_client
from tipstaff_policy.clients.codex.locations import (
    CLOUD_CACHE,
    CREDENTIAL_FILE,
    find_home,
    sources,
)
from tipstaff_policy.clients.codex.overrides import flags_layer
from tipstaff_policy.clients.codex.projects import trusted_project_file
from tipstaff_policy.clients.model import Adapter, Locks, Request
from tipstaff_policy.values import AbsentLayer, Credential, HeldCredential, HostState, Layer


def read_state(request: Request) -> HostState:
    """Return everything that the decision reads from a host, free of secrets.

    Raises:
        UsageError: A system root holds several homes and none was chosen.
    """
    home = find_home(request)
    files = [_read(source, request) for source in sources(home.path)]
    in_environment = () if request.system_root else environment_credentials(request.env)
    stored = file_credential(home.path, request.system_root)
    return HostState(
        client=find_client(request),
        home=home.path,
        environment="not_seen" if request.system_root else "own",
        evaluated_at=request.now,
        layers=tuple(each.layer for each in files),
        credentials=(*in_environment, stored),
        faults=(home.fault,) if home.fault else (),
        not_evaluated=_not_evaluated(request, files, home.path, stored),
    )


def _read(source: Source, request: Request) -> LayerFile:
    if source.name == "flags":
        return flags_layer(source, request.overrides, request.newer_toml)
    if source.name == "user" and request.ignore_user_config:
        return LayerFile(Layer(*source, content=AbsentLayer()), {})
    root = request.system_root
    if source.name == "user" and root and not _inside(source.path, root):
        root = None  # a home beside the image; its paths are this machine's
    elif source.name == "user" and root:
        source = source._replace(path=source.path[len(root.rstrip("/")) :])
    return read_layer_file(
        source, root=root, newer_toml=request.newer_toml, details=request.details
    )


def _inside(path: str, root: str) -> bool:
    return path.startswith(root.rstrip("/") + "/")


def _not_evaluated(
    request: Request, files: list[LayerFile], home: str, stored: Credential
) -> tuple[str, ...]:
    found = []
    if request.profile is not None:
        found.append(f"the profile {request.profile!r} chosen on the command line")
    documents = [each.document for each in files if each.layer.name != "requirements"]
    project = trusted_project_file(documents, request.cwd, home, request.system_root or "")
    if project:
        found.append(f"the configuration of a trusted project, {project}")
    held = stored.content
    managed = isinstance(held, HeldCredential) and held.plan in MANAGED_PLANS
    if managed and os.path.lexists(f"{home}/{CLOUD_CACHE}"):
        found.append(f"the policy that the service left in {home}/{CLOUD_CACHE}")
    return tuple(found)


ADAPTER = Adapter(
    name="codex",
    credential_file=CREDENTIAL_FILE,
    locks=Locks(("auth.lock", "auth.json.lock"), (0o644, 0o600)),
    read_state=read_state,
    decide=decide,
    read_invocation=read_invocation,
    removal_verb="codex logout",
)
