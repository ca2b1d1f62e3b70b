"""Managed files of odd shape, drop-ins, and values of odd kinds, each with what the facts page says.

Where a host is about whether a policy is in force, a login of another organisation shows it.
"""

import json

from conformance_claude.credentials import (
    BASE,
    BEDROCK,
    DROP_INS,
    KEY,
    LOGIN,
    LOGIN_OF_OTHER,
    OTHER,
    OWN,
    TEAM,
    managed,
)
from conformance_claude.oracle import Host

PIN = json.dumps({"forceLoginOrgUUID": OWN})
IN_FORCE, NO_POLICY, STOPS, SIGNED_OUT = "refused", "started", "stopped", "signed out"
MIB = 1024 * 1024


def _with_other(files, **more):
    return Host(managed=files, home=LOGIN_OF_OTHER, **more)


def _utf16(text):
    return {"hex": text.encode("utf-16").hex()}


STOPPING = {
    "broken JSON": {BASE: PIN[:-1]},
    "a comment": {BASE: "// who\n" + PIN},
    "a trailing comma": {BASE: PIN[:-1] + ",}"},
    "null": {BASE: "null"},
    "an array": {BASE: f"[{PIN}]"},
    "a string": {BASE: '"x"'},
    "a NUL": {BASE: PIN + "\x00"},
    "a broken drop-in beside a good base": {BASE: PIN, f"{DROP_INS}/10.json": "{"},
    "a directory in the place of the base": {BASE: {"directory": True}},
    "more than 2 MiB": {BASE: {"text": PIN, "blanks": 2 * MIB + 100}},
}
SILENT = {
    "an empty file": {BASE: ""},
    "a blank file": {BASE: " \n"},
    "an empty object": {BASE: "{}"},
    "a dangling link": {BASE: {"link": "/nowhere"}},
    "a misspelt key": {BASE: '{"forceLoginOrgUuidd": "org-a"}'},
    "a key in wrong case": {BASE: '{"forceLoginOrgUuid": "org-a"}'},
    "a key in snake case": {BASE: '{"force_login_org_uuid": "org-a"}'},
    "a key one level down": {BASE: f'{{"permissions": {PIN}}}'},
    "a key under __proto__": {BASE: f'{{"__proto__": {PIN}}}'},
    "a file that the user cannot read": {BASE: {"text": PIN, "mode": 0o600}},
}
COUNTING = {
    "a byte order mark": {BASE: "\ufeff" + PIN},
    "CRLF": {BASE: PIN.replace(",", ",\r\n") + "\r\n"},
    "UTF-16": {BASE: _utf16(PIN)},
    "invalid UTF-8 inside a text": {BASE: {"hex": (PIN[:-1] + ', "x": "').encode().hex() + "ff227d"}},
    "2 MB of blanks": {BASE: {"text": PIN, "blanks": 2_000_000}},
    "escapes": {BASE: '{"force\\u004cogin\\u004frgUUID": "org\\u002da"}'},
    "a key twice, the last one counts": {BASE: f'{{"forceLoginOrgUUID": "{OTHER}", "forceLoginOrgUUID": "{OWN}"}}'},
    "an unknown key": {BASE: PIN[:-1] + ', "unknownKey": 5}'},
    "a wrong value under another key": {BASE: PIN[:-1] + ', "permissions": 5}'},
    "a link": {"real": PIN, BASE: {"link": "real"}},
    "a file of the user's": {BASE: {"text": PIN, "owner": "user"}},
    "a file that all can write": {BASE: {"text": PIN, "mode": 0o666}},
    "an unreadable drop-in beside a good base": {BASE: PIN, f"{DROP_INS}/10.json": {"text": "{}", "mode": 0o600}},
    "a readable drop-in beside an unreadable base": {BASE: {"text": "{}", "mode": 0o600}, f"{DROP_INS}/10.json": PIN},
}  # fmt: skip
FILES = {
    **{name: (files, STOPS) for name, files in STOPPING.items()},
    **{name: (files, NO_POLICY) for name, files in SILENT.items()},
    **{name: (files, IN_FORCE) for name, files in COUNTING.items()},
    "a key twice, the first one does not count": (
        {BASE: f'{{"forceLoginOrgUUID": "{OWN}", "forceLoginOrgUUID": "{OTHER}"}}'},
        NO_POLICY,
    ),
}


def _parts(*values, base=None):
    """Return drop-ins 10.json, 20.json and so on with these values for the organisation."""
    files = {} if base is None else {BASE: json.dumps({"forceLoginOrgUUID": base})}
    for number, value in enumerate(values, 1):
        files[f"{DROP_INS}/{number}0.json"] = json.dumps({"forceLoginOrgUUID": value})
    return files


def _named(**contents):
    return {f"{DROP_INS}/{name}": text for name, text in contents.items()}


DROP_IN_FILES = {
    "one alone": (_parts(OWN), IN_FORCE),
    "the later of two texts counts": (_parts(OWN, OTHER), NO_POLICY),
    "the later of two texts counts, the other way": (_parts(OTHER, OWN), IN_FORCE),
    "in the order of names as text": (
        {f"{DROP_INS}/10.json": PIN, f"{DROP_INS}/9.json": PIN.replace(OWN, OTHER)},
        NO_POLICY,
    ),
    "a drop-in over the base": (_parts(OTHER, base=OWN), NO_POLICY),
    "two lists are united": (_parts([OWN], [OTHER]), NO_POLICY),
    "an empty list changes nothing": (_parts([], base=[OTHER]), NO_POLICY),
    "an empty list over a text": (_parts([], base=OTHER), IN_FORCE),
    "a text replaces a list": (_parts(OWN, base=[OTHER]), IN_FORCE),
    "a list replaces a text": (_parts([OWN], base=OTHER), IN_FORCE),
    "null over a text": (_parts(None, base=OWN), "refused"),
    "a hidden file": ({f"{DROP_INS}/.10.json": PIN}, NO_POLICY),
    "another ending": ({f"{DROP_INS}/10.json.bak": PIN}, NO_POLICY),
    "an ending in capitals": ({f"{DROP_INS}/10.JSON": PIN}, NO_POLICY),
    "a folder below": ({f"{DROP_INS}/more/10.json": PIN}, NO_POLICY),
    "a directory with such a name": ({BASE: PIN, f"{DROP_INS}/10.json": {"directory": True}}, IN_FORCE),
    "a dangling link": ({BASE: PIN, f"{DROP_INS}/10.json": {"link": "/nowhere"}}, IN_FORCE),
    "a link to a file": ({"real": PIN, f"{DROP_INS}/10.json": {"link": "../real"}}, IN_FORCE),
    "an empty one": ({BASE: PIN, f"{DROP_INS}/10.json": ""}, IN_FORCE),
    "a file in the place of the folder": ({BASE: PIN, DROP_INS: "x"}, IN_FORCE),
}  # fmt: skip
METHODS = {
    "null": None,
    "a list": ["claudeai"],
    "another case": "ClaudeAI",
    "with blanks": " claudeai ",
    "an unknown one": "sso",
    "empty": "",
}
NOBODY = {
    "an empty list": [],
    "null": None,
    "a number": 5,
    "true": True,
    "an object": {},
    "a nested list": [[OWN]],
    "a list with a number": [OWN, 5],
}
EXACT = {
    "a list in a text": f"{OWN},{OTHER}",
    "another case": OWN.upper(),
    "a blank behind": f"{OWN} ",
    "empty": "",
    "a list without it": [OTHER, "org-c"],
}
SIGN_IN_ODD = {"a text": "true", "a number": 1, "null": None, "a list": []}
PROVIDERS_NOBODY = {"an empty list": [], "a text": "anthropic", "unknown names only": ["x"]}


def _key(name, values, expected, **host):
    return {
        f"{name}: {said}": (Host(managed=managed(**{name: value}), **host), expected)
        for said, value in values.items()
    }


VALUES = {
    **_key("forceLoginMethod", METHODS, "started", env=KEY),
    **_key("forceLoginOrgUUID", NOBODY, "refused", home=LOGIN),
    **_key("forceLoginOrgUUID", EXACT, "refused", home=LOGIN),
    **_key("forceLoginOrgUUID", {"a list with it": ["org-c", OWN]}, "started", home=LOGIN),
    **_key("enforceAnthropicSignIn", SIGN_IN_ODD, "stopped", home=LOGIN),
    **_key("enforceAnthropicSignIn", {"false": False}, "started", env=KEY),
    **_key("allowedProviders", PROVIDERS_NOBODY, "refused", home=LOGIN),
    **_key("allowedProviders", {"another one": ["bedrock"]}, "refused", home=LOGIN),
    **_key("allowedProviders", {"this one": ["anthropic", "x"]}, "started", home=LOGIN),
    **_key("allowedProviders", {"this one, but a cloud is used": ["anthropic"]}, "refused", env=BEDROCK),
    **_key("allowedProviders", {"the cloud that is used": ["bedrock"]}, "started", env=BEDROCK),
    **_key("forceLoginGatewayUrl", {"alone": "x"}, "refused", home=LOGIN),
    **_key("forceLoginGatewayUrl", {"empty": "", "a number": 5}, "started", home=LOGIN),
    **_key("forceRemoteSettingsRefresh", {"true": True}, "stopped", home=TEAM, service={"settings": None}),
    **_key("forceRemoteSettingsRefresh", {"true, the service has no policy": True}, "started", home=TEAM),
    **_key("forceRemoteSettingsRefresh", {"true, a plan without policies": True}, "started", home=LOGIN, service={"settings": None}),
    **_key("forceRemoteSettingsRefresh", {"true, a key": True}, "stopped", env=KEY, service={"settings": None}),
    **_key("forceRemoteSettingsRefresh", {"a text": "true", "a number": 1}, "started", home=LOGIN, service={"settings": None}),
    "enforceAnthropicSignIn: false over true": (
        Host(
            managed={
                **managed(enforceAnthropicSignIn=True),
                f"{DROP_INS}/10.json": '{"enforceAnthropicSignIn": false}',
            },
            env=KEY,
        ),
        "started",
    ),
}  # fmt: skip

CASES = {
    **{f"managed file: {name}": (_with_other(files), how) for name, (files, how) in FILES.items()},
    **{f"drop-in: {name}": (_with_other(files), how) for name, (files, how) in DROP_IN_FILES.items()},
    **{f"value: {name}": content for name, content in VALUES.items()},
}  # fmt: skip
