"""Hosts of Claude Code: managed files in a system root, states with made-up credentials."""

import json
import os
import sys
from pathlib import Path
from types import ModuleType

from tipstaff_policy.clients.claude.config.layer_stack import read_stack
from tipstaff_policy.clients.claude.config.personal import environment_layer
from tipstaff_policy.clients.claude.locations import find_home
from tipstaff_policy.clients.claude.methods import PROVIDERS
from tipstaff_policy.clients.claude.versions import name_of
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.model.state import (
    Client,
    Credential,
    HeldCredential,
    HostState,
    Identity,
    ServiceAnswer,
)

NOW = 1_800_000_000
NEWEST = "2.1.332"
A, B = "org-a", "org-b"
ETC = "etc/claude-code"
BASE = f"/{ETC}/managed-settings.json"
ASKED = (Identity("organisation", None, "service"),)
LOGIN = Credential(
    "credentials",
    "/home/dev/.claude/.credentials.json",
    HeldCredential("claude.ai", "claudeai", ask="organisation", identity=ASKED),
)
CONSOLE = Credential(
    "config", "/home/dev/.claude.json", HeldCredential("api_key", "console", identity=())
)
PROFILE = Credential(
    "profiles",
    "/home/dev/.config/anthropic/credentials/default.json",
    HeldCredential("user_oauth", "profile", identity=(Identity("organisation", B, "claimed"),)),
)
KEY = Credential("ANTHROPIC_API_KEY", None, HeldCredential("api_key", "console", identity=()))
BEARER = Credential(
    "ANTHROPIC_AUTH_TOKEN", None, HeldCredential("oauth_token", "token", identity=())
)
HELPER = Credential(
    "apiKeyHelper",
    "/home/dev/.claude/settings.json",
    HeldCredential("api_key_helper", "helper", identity=()),
    kind_of_place="helper",
    scrub=(),
)
TOKEN = Credential(
    "CLAUDE_CODE_OAUTH_TOKEN",
    None,
    HeldCredential("oauth_token", "claudeai", ask="organisation", identity=ASKED),
)
HEADERS = Credential(
    "ANTHROPIC_CUSTOM_HEADERS", None, HeldCredential("none", "console", identity=())
)


def cloud(switch):
    held = HeldCredential("third_party", PROVIDERS[switch], identity=())
    return Credential(switch, None, held)


BEDROCK = cloud("CLAUDE_CODE_USE_BEDROCK")


def make_claude(root, *, managed=None, drop_ins=None, home=None, cwd=None, server=None):
    """Lay out settings of a host in a system root; return the root.

    Args:
        managed: Text, bytes or members of the administrators' file.
        drop_ins: Such content by the name of a drop-in.
        home: The user's own settings; so ``cwd`` for a project's by its file name.
    """
    root = Path(root)
    etc, folder = root / ETC, root / "home/dev/.claude"
    etc.mkdir(parents=True)
    folder.mkdir(parents=True)
    files = {etc / "managed-settings.json": managed, folder / "settings.json": home}
    files[folder / "remote-settings.json"] = server
    for name, content in (drop_ins or {}).items():
        files[etc / "managed-settings.d" / name] = content
    for name, content in (cwd or {}).items():
        files[root / "home/dev/work/.claude" / name] = content
    for path, content in files.items():
        if content is not None:
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_bytes(as_bytes(content))
            path.chmod(0o644)
    return root


def as_bytes(content):
    if isinstance(content, bytes):
        return content
    return (content if isinstance(content, str) else json.dumps(content)).encode()


def request_of(root, *, options=None, **more):
    more.setdefault("entry_point", "print")
    return Request(
        {},
        f"{root}/home/dev/work",
        NOW,
        NEWEST,
        str(root),
        options=options or ReadOptions(),
        **more,
    )


def layers_of(root, **more):
    request = request_of(root, **more)
    return read_stack(request, find_home(request).path).layers


def client_of(version=NEWEST, entry_point="print"):
    return Client("claude", version, "option", None, True, entry_point, name_of(version), "run")


def state_of(layers=(), credentials=(), *, env=None, answers=None, **more):
    """Return a state of made-up credentials under layers, with variables of the environment.

    Args:
        answers: The organisation that the service names of each source; None for no answer.
    """
    own = environment_layer(
        Request(env or {}, "/", NOW, ignore_user_config=more.pop("bare", False))
    )
    strongest = max((layer.rank for layer in layers), default=0)
    kept = tuple(layer for layer in layers if layer.name != "environment")
    client = client_of(more.pop("version", NEWEST), more.pop("entry_point", "print"))
    return HostState(
        client=client,
        home="/home/dev/.claude",
        home_from="the user's home",
        cwd="/home/dev/work",
        platform="linux",
        environment="own",
        evaluated_at=NOW,
        layers=(own.layer._replace(rank=-1 - strongest), *kept),
        credentials=tuple(credentials),
        places=tuple(credentials),
        identities=tuple(
            ServiceAnswer(source, owner, "service", "" if owner else "it did not answer")
            for source, owner in (answers or {}).items()
        ),
        **more,
    )


def managed_layers(root, members, **drop_ins):
    """Return the layers of a host whose administrators' file has some members."""
    names = {f"{name}.json": content for name, content in drop_ins.items()}
    return layers_of(make_claude(root, managed=members, drop_ins=names))


def layers_by_content(members, name="managed", rank=50):
    """Return one layer without a disk, for laws."""
    from tipstaff_policy.clients.claude.config.documents import parse_managed

    found = parse_managed(name, BASE, as_bytes(members), "none").layer
    return (found._replace(rank=rank, administrators=name not in ("user", "project", "server")),)


def stand_in_for_credentials(monkeypatch, credentials):
    """Let the reading of a host find made-up credentials, whatever its settings."""
    name = "tipstaff_policy.clients.claude.credentials.reading"
    module = ModuleType(name)
    module.read_credentials = module.read_places = lambda *_: tuple(credentials)
    monkeypatch.setitem(sys.modules, name, module)


def is_root():
    return os.geteuid() == 0
