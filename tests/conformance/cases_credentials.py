"""auth.json and the tokens in it: what is readable, and whose it is."""

import json

from conformance.cases_rules import FORCED_API, FORCED_CHATGPT, managed, required, workspace
from conformance.client import Case
from support.clients.logins import (
    API_KEY,
    AUTH,
    base64url,
    chatgpt,
    claims,
    document,
    token,
    with_fields,
)

KEY = '"made-up-key-000"'
PROFILE = "https://api.openai.com/profile"
MINE = {AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_user_id": "u"}}


def agent(**changes):
    record = {
        "agent_runtime_id": "made-up",
        "agent_private_key": "made-up",
        "account_id": "ws-a",
        "chatgpt_user_id": "u",
        "plan_type": "pro",
        "chatgpt_account_is_fedramp": False,
    }
    return json.dumps({"OPENAI_API_KEY": "made-up-key-000", "agent_identity": record | changes})


DOCUMENTS = {
    "list of two": f'["apikey", {KEY}]',
    "list of eight": f'["apikey", {KEY}, null, null, null, null, null, null]',
    "list of nine": f'["apikey", {KEY}, null, null, null, null, null, null, null]',
    "list of one": '["apikey"]',
    "list of none": "[]",
    "empty file": "",
    "mode as a map": f'{{"auth_mode": {{"apikey": null}}, "OPENAI_API_KEY": {KEY}}}',
    "mode as a full map": f'{{"auth_mode": {{"apikey": {{}}}}, "OPENAI_API_KEY": {KEY}}}',
    "mode unknown": f'{{"auth_mode": "api_key", "OPENAI_API_KEY": {KEY}}}',
    "mode null": f'{{"auth_mode": null, "OPENAI_API_KEY": {KEY}}}',
    "not a number": f'{{"x": NaN, "OPENAI_API_KEY": {KEY}}}',
    "huge number": f'{{"x": 1e999, "y": {"9" * 5000}, "OPENAI_API_KEY": {KEY}}}',
    "half a character, ignored": f'{{"x": "\\ud800", "OPENAI_API_KEY": {KEY}}}',
    "half a character in a name": f'{{"\\ud800": 1, "OPENAI_API_KEY": {KEY}}}',
    "half a character in the key": '{"OPENAI_API_KEY": "\\ud800"}',
    "unknown name twice": f'{{"x": 1, "x": 2, "OPENAI_API_KEY": {KEY}}}',
    "known name twice": f'{{"OPENAI_API_KEY": {KEY}, "OPENAI\\u005fAPI_KEY": {KEY}}}',
    "500 deep": f'{{"x": {"[" * 500}{"]" * 500}, "OPENAI_API_KEY": {KEY}}}',
    "5 MB beside the key": f'{{"x": "{"y" * 5_000_000}", "OPENAI_API_KEY": {KEY}}}',
    "100,000 deep": f'{{"x": {"[" * 100_000}{"]" * 100_000}, "OPENAI_API_KEY": {KEY}}}',
    "agent record": agent(),
    "agent record without account": agent(account_id=None),
    "agent record with a task": agent(task_id="made-up"),
    "agent record, task a number": agent(task_id=5),
    "agent record 126 deep": agent(x=0).replace('"x": 0', f'"x": {"[" * 125}{"]" * 125}'),
    "agent record 127 deep": agent(x=0).replace('"x": 0', f'"x": {"[" * 126}{"]" * 126}'),
    "agent record, half a character": agent(x="\ud800"),
    "tab in text": f'{{"x": "a\tb", "OPENAI_API_KEY": {KEY}}}',
    "white space behind": f'{{"OPENAI_API_KEY": {KEY}}} \n\t',
    "text behind": f'{{"OPENAI_API_KEY": {KEY}}} x',
    "byte order mark": f'\ufeff{{"OPENAI_API_KEY": {KEY}}}',
    "key a number": '{"OPENAI_API_KEY": 5}',
    "key empty": '{"OPENAI_API_KEY": ""}',
    "key in lower case": f'{{"openai_api_key": {KEY}}}',
    "key missing": '{"auth_mode": "apikey"}',
    "bad tokens beside a key": f'{{"auth_mode": "apikey", "OPENAI_API_KEY": {KEY}, "tokens": {{"id_token": 5}}}}',
    "bad time beside a key": f'{{"OPENAI_API_KEY": {KEY}, "last_refresh": 5}}',
    "identity a number": f'{{"OPENAI_API_KEY": {KEY}, "agent_identity": 5}}',
    "identity text": f'{{"OPENAI_API_KEY": {KEY}, "agent_identity": "x"}}',
    "personal token a number": f'{{"OPENAI_API_KEY": {KEY}, "personal_access_token": 5}}',
    "Bedrock a number": f'{{"OPENAI_API_KEY": {KEY}, "bedrock_api_key": 5}}',
    "Bedrock hollow": f'{{"OPENAI_API_KEY": {KEY}, "bedrock_api_key": {{}}}}',
    "Bedrock a list": '{"bedrock_api_key": ["k", "r"]}',
    "Bedrock without region": '{"bedrock_api_key": {"api_key": "k", "region": null}}',
    "Bedrock before the key": f'{{"bedrock_api_key": {{"api_key": "k", "region": "r"}}, "OPENAI_API_KEY": {KEY}}}',
    "Bedrock access keys": '{"bedrock_access_keys": {"access_key_id": "k", "secret_access_key": "s", "region": "r"}}',
    "Bedrock session a number": '{"bedrock_access_keys": {"access_key_id": "k", "secret_access_key": "s", "region": "r", "session_token": 5}}',
    "Bedrock missing": '{"auth_mode": "bedrockApiKey"}',
    "headers": '{"auth_mode": "headers"}',
    "personal token missing": '{"auth_mode": "personalAccessToken"}',
    "identity missing": '{"auth_mode": "agentIdentity"}',
    "chatgpt mode with a key": f'{{"auth_mode": "chatgpt", "OPENAI_API_KEY": {KEY}}}',
    "login whose mode was removed": with_fields(
        chatgpt(), auth_mode=None, OPENAI_API_KEY="made-up"
    ),
}
TIMES = {
    "2026-11-24 00:00:00Z", "2026-11-24t00:00:00z", "2026-11-24T00:00:00.123456789123Z",
    "2026-11-24T00:00:60Z", "2026-11-24T00:00:60.5Z", "2026-11-24T00:00:00+0000",
    "2026-11-24T00:00:00-00:00", "2026-11-24T00:00:00+23:59", "+12026-11-24T00:00:00Z",
    "-0001-01-01T00:00:00Z", "0000-02-29T00:00:00Z", " 2026-11-24T00:00:00Z",
    "2026-11-24T00:00:00 Z", "2026-11-24T1:00:00Z", "2026-11-24T00:00:00\u221208:00",
    "2026-11-24", "2026-11-24T00:00:00", "2026-11-24T24:00:00Z", "2026-11-24T00:00:00+24:00",
    "2026-11-24T00:00Z", "2026-11-24T00:00:00.Z", "2026-02-29T00:00:00Z",
    "2026-11-24T00:00:00+00:60", "2026-11-24T00:00:00,5Z", "yesterday", "",
}  # fmt: skip
TOKENS = {
    "plain": token(MINE),
    "head not base64": token(MINE, head="!!!"),
    "head empty": token(MINE, head=""),
    "signature not base64": token(MINE, signature="!!!"),
    "signature empty": token(MINE, signature=""),
    "four parts": token(MINE) + ".x",
    "two parts": "a." + base64url(MINE),
    "a list": token([None, None, {"chatgpt_account_id": "ws-a"}]),
    "an empty list": token([]),
    "a number": token(base64url(b"5")),
    "null": token(base64url(b"null")),
    "claims text": token({AUTH: "x"}),
    "claims null": token({AUTH: None}),
    "claims a number": token({AUTH: 5}),
    "claims an empty list": token({AUTH: []}),
    "claims a list": token({AUTH: [None, None, None, "ws-a"]}),
    "claims a list with a flag": token({AUTH: [None, None, None, "ws-a", False]}),
    "claims too long a list": token({AUTH: [None, None, None, "ws-a", False, 5]}),
    "workspace a number": token({AUTH: {"chatgpt_account_id": 5}}),
    "workspace null": token({AUTH: {"chatgpt_account_id": None}}),
    "workspace empty": token({AUTH: {"chatgpt_account_id": ""}}),
    "workspace with spaces": token({AUTH: {"chatgpt_account_id": " ws-a "}}),
    "plan a number": token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_plan_type": 5}}),
    "plan a list": token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_plan_type": []}}),
    "plan a map": token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_plan_type": {"pro": None}}}),
    "user a number": token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_user_id": 5}}),
    "other user a number": token({AUTH: {"chatgpt_account_id": "ws-a", "user_id": 5}}),
    "flag text": token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_account_is_fedramp": "x"}}),
    "flag null": token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_account_is_fedramp": None}}),
    "e-mail a number": token({**MINE, "email": 5}),
    "profile a number": token({**MINE, PROFILE: 5}),
    "profile null": token({**MINE, PROFILE: None}),
    "profile list": token({**MINE, PROFILE: [5]}),
    "profile e-mail a number": token({**MINE, PROFILE: {"email": 5}}),
    "expiry text": token({**MINE, "exp": "x"}),
    "expired": token({**MINE, "exp": 1}),
    "claims twice": token(base64url(f'{{"{AUTH}": {{}}, "{AUTH}": {{}}}}'.encode())),
    "workspace twice": token(
        base64url(
            f'{{"{AUTH}": {{"chatgpt_account_id": "ws-a", "chatgpt_account_id": "ws-a"}}}}'.encode()
        )
    ),
    "unknown twice": token(
        base64url(f'{{"x": 1, "x": 2, "{AUTH}": {{"chatgpt_account_id": "ws-a"}}}}'.encode())
    ),
    "e-mail twice": token(base64url(f'{{"email": "a", "email": "b", "{AUTH}": {{}}}}'.encode())),
    "white space behind": token(base64url((json.dumps(MINE) + " \n").encode())),
    "text behind": token(base64url((json.dumps(MINE) + "x").encode())),
    "byte order mark": token(base64url(b"\xef\xbb\xbf" + json.dumps(MINE).encode())),
    "padded": token(base64url(MINE) + "="),
    "stray bits": token(base64url((json.dumps(MINE) + " ").encode())[:-1] + "B"),
    "line break": token("\n" + base64url(MINE)),
    "spaces around": " " + token(MINE),
}


def pair(id_workspace, id_user, access_workspace, access_user, account):
    return document(
        token(claims(id_workspace, id_user)),
        token(claims(access_workspace, access_user)),
        account_id=account,
    )


LOGINS = {
    "all agree": chatgpt("ws-a"),
    "id z, account a, opaque": chatgpt("ws-z", "ws-a", None),
    "id a, account z, opaque": chatgpt("ws-a", "ws-z", None),
    "id z, account a, access a": chatgpt("ws-z", "ws-a", "ws-a"),
    "id a, account z, access z": chatgpt("ws-a", "ws-z", "ws-z"),
    "id a, account z, access a": chatgpt("ws-a", "ws-z", "ws-a"),
    "id z, account a, access a, other user": pair("ws-z", "u", "ws-a", "v", "ws-a"),
    "id z, account a, access a, no users": pair("ws-z", None, "ws-a", None, "ws-a"),
    "id z, account a, access a, one user": pair("ws-z", None, "ws-a", "u", "ws-a"),
    "id z, account a, access a, empty users": pair("ws-z", "", "ws-a", "", "ws-a"),
    "id z, no account": chatgpt("ws-z", None, None),
    "id a, no account": chatgpt("ws-a", None, None),
    "id none, account a": chatgpt(None, "ws-a", None),
    "id none, account a, access a": chatgpt(None, "ws-a", "ws-a"),
    "id a, account empty": chatgpt("ws-a", "", None),
    "id a, account empty, access empty": chatgpt("ws-a", "", ""),
    "id a, account with spaces": chatgpt("ws-a", " ws-a ", None),
    "account a number": document(token(MINE), account_id=5),
    "account null": document(token(MINE), account_id=None),
    "access token of bad claims": document(
        token({AUTH: {"chatgpt_account_id": "ws-z"}}),
        token({AUTH: {"chatgpt_account_id": "ws-a", "chatgpt_plan_type": 5}}),
        account_id="ws-a",
    ),
    "provenance": document(token(MINE), oauth_provenance={"issuer": "i", "client_id": "c"}),
    "provenance text": document(token(MINE), oauth_provenance="x"),
    "provenance half": document(token(MINE), oauth_provenance={"issuer": "i"}),
    "owner": document(token(MINE), login_owner_id="o"),
    "owner a number": document(token(MINE), login_owner_id=5),
    "id token a number": document(5),
    "tokens a list": '{"tokens": ["a", "b", "c", null, null, null]}',
    "refresh token missing": '{"tokens": {"id_token": "%s", "access_token": "x"}}' % token(MINE),
}
FORCED, ALLOWED = workspace('"ws-a"'), 'allowed_chatgpt_workspaces = ["ws-a"]\n'
ODD = {
    "a directory": {"directory": True},
    "a link in a circle": {"link": "auth.json"},
    "a link to nowhere": {"link": "/nowhere"},
    "not UTF-8": {"hex": b'{"OPENAI_API_KEY": "\xe9"}'.hex()},
}

CASES = {
    **{f"forced chatgpt: {name}": managed(FORCED_CHATGPT, text) for name, text in DOCUMENTS.items() if text},
    **{f"no rule: {name}": Case(home={"auth.json": text}) for name, text in DOCUMENTS.items() if name in ("empty file", "key missing", "headers", "known name twice", "key empty")},
    **{f"last refresh {time!r}": managed(FORCED_API, with_fields(chatgpt(), last_refresh=time)) for time in sorted(TIMES)},
    **{f"token: {name}": managed(FORCED, document(text)) for name, text in TOKENS.items()},
    **{f"forced workspace: {name}": managed(FORCED, text) for name, text in LOGINS.items()},
    **{f"allowed workspace: {name}": required(ALLOWED, text) for name, text in LOGINS.items()},
    **{f"{name}, forced": managed(FORCED_CHATGPT)._replace(home={"auth.json": odd}) for name, odd in ODD.items()},
    **{f"{name}, no rule": Case(home={"auth.json": odd}) for name, odd in ODD.items()},
    "not readable, forced": managed(FORCED_CHATGPT, without_capabilities=True)._replace(
        home={"auth.json": {"text": API_KEY, "mode": 0}}
    ),
    "not readable, no rule": Case(
        home={"auth.json": {"text": API_KEY, "mode": 0}}, without_capabilities=True
    ),
    "behind a link, forced": managed(FORCED_CHATGPT)._replace(
        home={"kept.json": API_KEY, "auth.json": {"link": "kept.json"}}
    ),
}  # fmt: skip
