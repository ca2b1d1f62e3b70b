"""Homes with logins of Claude Code, and a stand-in of its adapter that finds every login guilty."""

import json
from pathlib import Path

from support.clients.slot_contract import SECRET
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.claude.credentials.reading import read_credentials, read_places
from tipstaff_policy.clients.claude.locations import find_home
from tipstaff_policy.clients.claude.locks import hold
from tipstaff_policy.clients.claude.logins.credential_stores import CREDENTIAL_STORES
from tipstaff_policy.clients.claude.logins.revocation import ISSUER
from tipstaff_policy.clients.claude.logins.sign_in import SIGN_IN
from tipstaff_policy.clients.claude.service import identify
from tipstaff_policy.clients.claude.slots import SLOTS
from tipstaff_policy.clients.interface.adapter import Administrators
from tipstaff_policy.model.host_facts import Running
from tipstaff_policy.model.request import Request
from tipstaff_policy.model.state import (
    Client,
    Decision,
    HeldCredential,
    HostState,
    Judged,
    Violation,
)

NOW = 1_800_000_000
LATER_MS = (NOW + 100_000) * 1000
OAUTH = {
    "accessToken": f"sk-ant-oat01-{SECRET}",
    "refreshToken": f"sk-ant-ort01-{SECRET}",
    "expiresAt": LATER_MS,
    "scopes": ["user:inference", "user:profile"],
    "subscriptionType": "max",
}
DEVICE = {"coworkRemoteDevice": {"id": "device-1"}}
PLUGINS = {"pluginSecrets": {"tool": {"setting": "kept"}}}
FURTHER = {
    "organizationUuid": "org-b",
    "trustedDeviceToken": f"trusted-{SECRET}",
    "trustedDeviceEnrolledAfterRefusalAtMs": 1,
    "enterpriseGateway": {"token": f"gateway-{SECRET}"},
    "designOauth": {"accessToken": f"design-{SECRET}"},
    "chatHistoryOauth": {"accessToken": f"history-{SECRET}"},
    "cloudSessionsOauth": {"accessToken": f"cloud-{SECRET}"},
    "cloudSessionsSignInEnded": True,
    "hybridOauth": {"accessToken": f"hybrid-{SECRET}"},
    "hybridGatewayAuth": {"token": f"hybrid-gateway-{SECRET}"},
    "hybridGatewayIdp": {"token": f"hybrid-idp-{SECRET}"},
    "mcpOAuth": {"server": {"accessToken": f"mcp-{SECRET}"}},
    "mcpXaaIdp": {"idp": {"id_token": f"idp-{SECRET}"}},
}
DOCUMENT = {"claudeAiOauth": OAUTH, **FURTHER, **DEVICE, **PLUGINS}
GLOBAL = {
    "numStartups": 3,
    "primaryApiKey": f"sk-ant-api03-{SECRET}",
    "oauthAccount": {"accountUuid": "user-1", "organizationUuid": "org-b"},
    "projects": {"/work": {"allowedTools": []}},
}
GLOBAL_LEFT = {"numStartups": 3, "projects": {"/work": {"allowedTools": []}}}
BACKUP = "backups/.claude.json.backup.1700000000000"
PROFILE = {"authentication": {"type": "user_oauth"}, "organization_id": "org-p"}
TOKENS = {"access_token": f"profile-{SECRET}", "organization_uuid": "org-p"}

LOGIN = {"claudeAiOauth": OAUTH}
KEY = {"primaryApiKey": f"sk-ant-api03-{SECRET}"}
DOCUMENTS = {
    "a login": (json.dumps(LOGIN), ("held", None, True)),
    "no scope for the client": (
        json.dumps({"claudeAiOauth": OAUTH | {"scopes": ["user:profile"]}}),
        ("held", None, False),
    ),
    "scopes as a text": (
        json.dumps({"claudeAiOauth": OAUTH | {"scopes": "user:profile user:inference"}}),
        ("held", None, True),
    ),
    "an empty token": (
        json.dumps({"claudeAiOauth": OAUTH | {"accessToken": ""}}),
        ("absent", None, None),
    ),
    "a number as token": (
        json.dumps({"claudeAiOauth": OAUTH | {"accessToken": 5}}),
        ("held", None, True),
    ),
    "only a token": (
        json.dumps({"claudeAiOauth": {"accessToken": "x", "scopes": ["user:inference"]}}),
        ("held", None, True),
    ),
    "another login alone": (json.dumps({"mcpOAuth": {}}), ("absent", None, None)),
    "null": ("null", ("absent", None, None)),
    "a list": ("[]", ("absent", None, None)),
    "broken": ('{"claudeAiOauth": ', ("absent", None, None)),
    "empty": ("", ("absent", None, None)),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(LOGIN).encode(), ("absent", None, None)),
    "NaN": (json.dumps(LOGIN).replace(str(OAUTH["expiresAt"]), "NaN"), ("absent", None, None)),
    "no UTF-8 in a text": (
        json.dumps(LOGIN).encode().replace(b'"max"', b'"\xff"'),
        ("held", None, True),
    ),
    "a doubled member": (
        json.dumps(LOGIN)[:-1] + ', "claudeAiOauth": null}',
        ("absent", None, None),
    ),
    "a very long number": (
        json.dumps(LOGIN)[:-1] + ', "a": ' + "9" * 5000 + "}",
        ("held", None, True),
    ),
    "nested too deeply": ("[" * 100_000, ("unreadable", "unknown", None)),
}
"""A credential document, and what it counts as: state, effect, usable."""
GLOBALS = {
    "a key": (json.dumps(KEY), "held"),
    "a blank key": ('{"primaryApiKey": " "}', "unreadable"),
    "a number": ('{"primaryApiKey": 5}', "unreadable"),
    "a list with a key": ('{"primaryApiKey": ["key"]}', "unreadable"),
    "an empty key": ('{"primaryApiKey": ""}', "absent"),
    "null": ('{"primaryApiKey": null}', "absent"),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(KEY).encode(), "held"),
    "a list": ('["primaryApiKey"]', "absent"),
    "empty": ("", "absent"),
    "broken": ('{"primaryApiKey": ', "unreadable"),
}
"""A global file, and the state of what it counts as."""


def write(path, content, mode=0o600):
    """Write a document or a text as a user's own file; return it."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=2))
    path.chmod(mode)
    return path


def request_of(home, **env):
    """Return the request of a user whose home this is."""
    return Request({"HOME": str(home), **env}, "/", NOW)


def filled(home):
    """Put a login of every kind into a home; return it."""
    folder = home / ".claude"
    write(folder / ".credentials.json", DOCUMENT)
    write(home / ".claude.json", GLOBAL)
    write(folder / ".config.json", GLOBAL)
    write(folder / BACKUP, GLOBAL)
    write(folder / "backups/.claude.json.corrupted.1700000000001", json.dumps(GLOBAL)[:-40])
    write(home / ".config/anthropic/configs/default.json", PROFILE)
    write(home / ".config/anthropic/credentials/default.json", TOKENS)
    return home


def with_secret(home):
    """Return every file below a home in which the secret stands."""
    files = (path for path in Path(home).rglob("*") if path.is_file() and not path.is_symlink())
    return sorted(
        str(path.relative_to(home)) for path in files if SECRET.encode() in path.read_bytes()
    )


def read_state(request):
    credentials = read_credentials(request, {})
    places = read_places(request, {})
    home = find_home(request).path
    client = Client("claude", "2.1.332", "assumed", None, True, "print", "claude", "run")
    return HostState(
        client=client,
        home=home,
        home_from="the user's home",
        cwd="/",
        platform=request.platform,
        environment="own",
        evaluated_at=request.now,
        layers=(),
        credentials=credentials,
        places=places,
        system_root=request.system_root,
    )


def by_administrators(state):
    broken = (Violation("login_method", "", "claudeai", (), ()),)
    judged = tuple(
        Judged(credential.source, "violates", broken, "It is not allowed.")
        for credential in state.everywhere()
        if isinstance(credential.content, HeldCredential)
    )
    return Administrators((), True, judged)


ADAPTER = load_client("codex")._replace(
    name="claude",
    folder=".claude",
    slots=SLOTS,
    further_files=(),
    hold=hold,
    read_state=read_state,
    decide=lambda _state: Decision("block", ""),
    by_administrators=by_administrators,
    identify=identify,
    custody=lambda: CREDENTIAL_STORES,
    issuer=lambda: ISSUER,
    login=lambda: SIGN_IN,
    running=lambda _home: Running(),
)
