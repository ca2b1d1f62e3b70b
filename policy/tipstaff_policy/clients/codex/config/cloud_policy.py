"""The policy that the service left on the machine for accounts of managed plans.

Its configuration is a layer of its own, which counts in a second step: after the local rules have
accepted a login. Its requirements cannot set the sign-in keys. The client signs the file with a key
of its own, which nothing else can verify; so this content still depends on the service.

Source: tests/conformance/test_cloud_policy.py (client 0.169.0).
"""

import json
from datetime import datetime
from typing import Any

from tipstaff_policy.clients.codex.config.documents import content_of, make_unranked_layer
from tipstaff_policy.clients.codex.config.sign_in_keys import REQUIREMENT_KEYS
from tipstaff_policy.clients.codex.locations import CLOUD_CACHE, Source
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import IgnoredLayer, Layer, Origin, ReadLayer, Stray
from tipstaff_policy.parsing.masks import mask_text as shown_claim
from tipstaff_policy.parsing.toml_text import TomlError, parse_toml
from tipstaff_policy.system.files import read_bounded, show_path

SIZE_LIMIT = 4 << 20
VERSION = 1
LAYER = "cloud"


def cloud_layers(request: Request, home: str, account: str | None, user: str | None) -> list[Layer]:
    """Return the layers of a cached policy, weakest first; none where it is of no use.

    Args:
        account: The plain account id of the stored login, to which the file is bound.
        user: Whose login it is by its id token, to whom the file is bound as well.
    """
    path = show_path(f"{home}/{CLOUD_CACHE}", request.system_root)
    source = Source(LAYER, path, administrators=True, grammar="config")
    try:
        cached = json.loads(read_bounded(f"{home}/{CLOUD_CACHE}", SIZE_LIMIT))["signed_payload"]
        why_not = _why_not(cached, request.now, account, user)
        bundle = cached["bundle"]
        configs, requirements = (
            bundle.get(kind, {}).get("enterprise_managed", [])
            for kind in ("config_toml", "requirements_toml")
        )
        texts = [str(config["contents"]) for config in configs]
        strays = [
            stray
            for requirement in requirements
            for stray in _strays(source, str(requirement["contents"]))
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return [_make_ignored_layer(source, "the client cannot read it and asks the service again")]
    if why_not:
        return [_make_ignored_layer(source, why_not)]
    layers = []
    for text in reversed(texts):  # the first one is the strongest
        document = parse_toml(text.encode(), request.options.newer_toml)
        if isinstance(document, TomlError):
            return [_make_ignored_layer(source, "holds what the client would not have kept")]
        layers.append(
            make_unranked_layer(source, content_of(source, document)._replace(strays=tuple(strays)))
        )
    return layers or [make_unranked_layer(source, ReadLayer((), tuple(strays)))]


def _why_not(cached: Any, now: int, account: str | None, user: str | None) -> str:
    if cached["version"] != VERSION:
        return "is of another version; the client asks the service again"
    if datetime.fromisoformat(cached["expires_at"][:19] + "+00:00").timestamp() <= now:
        return "has run out; the client asks the service again"
    bound_account = cached.get("account_id")
    bound_to = bound_account and shown_claim(bound_account), cached.get("chatgpt_user_id")
    # Without a user it is of no use either.
    if None in bound_to or bound_to != (account, user):
        return "belongs to another account or user; the client asks the service again"
    return ""


def _strays(source: Source, text: str) -> list[Stray]:
    document = parse_toml(text.encode())
    if isinstance(document, TomlError):
        return []
    origin = Origin(LAYER, source.path, None)
    return [
        Stray(key, origin, "the service's requirements cannot set it", "requirements.toml")
        for key in REQUIREMENT_KEYS
        if key in document
    ]


def _make_ignored_layer(source: Source, reason: str) -> Layer:
    return make_unranked_layer(source, IgnoredLayer(reason, "nothing needs to be done"))
