"""Random hosts over the whole space of what decides about signing in; the same seed, the same host.

Every choice goes through one `random.Random`, and a case is JSON, so that it can be recorded,
repeated and made smaller. Some hosts have a configuration of real life beside the rest.
"""

import json
from functools import cache

from conformance import real_life
from conformance.cases_other_keys import OTHER_LINES, OTHER_REQUIREMENTS, OTHER_TABLES
from conformance.cases_stores import ENTRY, OLD_ENTRY, PASSPHRASE, PASSPHRASE_ENTRY, encrypted
from conformance.client import ENCRYPTED, STATUS_REFUSES, SWITCHES, Case, options
from support.clients.logins import API_KEY, BEDROCK, chatgpt, claims, document, token, with_fields
from tipstaff_policy.clients.codex.credentials.auth_document import parse_auth_document
from tipstaff_policy.model.state import HeldCredential

REAL_LIFE = 0.25
"""Share of the hosts with a configuration of real life."""
UNDECIDED = ("daily: feature with no such part", "screen: keymap with a strange key")
"""Those that only the client knows; test_real_life.py counts them."""
IDS = ('"ws-a"', '"ws-z"', '" ws-a "', '""', '"a,b"', "[]", '["ws-a"]', '["ws-z", "ws-a"]', '[""]')
ODD_IDS = ("5", "true", "[1]", '{a = "b"}')
STORES = ("file", "keyring", "auto", "ephemeral")
BROKEN = ("x =\n", "[a\n", "x = 1\nx = 2\n", '"\n')


def case(random):
    """Return one random host."""
    uses_keyring = random.random() < 0.25
    made = Case(
        etc=_etc(random, uses_keyring),
        home={**_personal(random, uses_keyring), **_stored(random, uses_keyring)},
        cwd=_project(random),
        env=_environment(random),
        flags=_flags(random),
        keyring=_keyring(random) if uses_keyring and random.random() < 0.8 else None,
        entry_point=random.choices(("exec", "app-server", "status", "interactive"), (80, 8, 9, 3))[
            0
        ],
    )
    return _fitting(_with_real_life(random, made) if _chance(random, REAL_LIFE) else made)


@cache
def whole_configurations():
    """Return the decided configurations that change nothing but files, in a fixed order."""
    return [
        configuration
        for name, configuration in real_life.configurations().items()
        if not configuration.flags and name not in UNDECIDED
    ]


def _with_real_life(random, made):
    """Add a configuration to a host: below its own lines where both have a file."""
    real = random.choice(whole_configurations())
    return made._replace(
        etc=_joined(made.etc, real.etc),
        home=_joined(made.home, real.home),
        cwd=_joined(made.cwd, real.cwd),
    )


def _joined(files, more):
    joined = {name: content for name, content in files.items() if not _is_odd_below(name, more)}
    for name, text in more.items():
        before = joined.get(name, "")
        # What stands below a table would belong to it.
        lines = before.partition("[")[0] if isinstance(before, str) else ""
        joined[name] = lines[: lines.rfind("\n") + 1] + text
    return joined


def _is_odd_below(name, more):
    """Return whether a file would lie where another one needs a folder."""
    return any(path.startswith(f"{name}/") for path in more)


def _fitting(made):
    """Leave out what an entry point of the client does not take."""
    if made.entry_point == "interactive" and _has_hollow(made):
        made = made._replace(entry_point="exec")  # its screen tells nothing of such a login
    if made.entry_point == "interactive":
        made = made._replace(cwd={})  # it would ask about trust before anything else
    dropped = {
        "status": STATUS_REFUSES,
        "app-server": STATUS_REFUSES,
        "interactive": SWITCHES,
    }
    if _has_hollow(made):
        dropped["exec"] = STATUS_REFUSES
    unfit = dropped.get(made.entry_point, ())
    kept = [words for words in options(made.flags) if words[0] not in unfit]
    return made._replace(flags=tuple(sum(kept, ())))


def _has_hollow(made):
    secrets = [secret for _, secret in made.keyring["items"]] if made.keyring else []
    return any(_hollow(text) for text in (*made.home.values(), *secrets))


def _hollow(text):
    found = parse_auth_document(text.encode()).content if isinstance(text, str) else None
    # Neither of Bedrock is anything sent to the service.
    return isinstance(found, HeldCredential) and (not found.usable or "bedrock" in found.kind)


def _chance(random, share):
    return random.random() < share


METHODS = ('"chatgpt"', '"api"')
ODD_METHODS = ('"ChatGPT"', "5", "[]", "{chatgpt = {}}")
ODD_STORES = ('"keychain"', "1")
ODD_LINES = (
    'forced_login_methods = "api"', 'Forced_Login_Method = "api"', 'allowed_login_methods = ["api"]',
    "chatgpt_base_url = 5", 'profile = "p"', 'profile = "other"', "features = 1",
)  # fmt: skip
ODD_TABLES = (
    '[projects.x]\ntrust_level = "maybe"', "[profiles.p]\nx = 1", "[profiles.other]\nx = 1",
    "[features]\nx = 1", '[tools]\nforced_login_method = "api"',
)  # fmt: skip


def _config(random, share, uses_keyring, *, legacy=True):
    """Return the text of a configuration file, or None for no file."""
    if not _chance(random, share):
        return None
    if _chance(random, 0.015):
        return random.choice(BROKEN)
    lines = _rules(random, uses_keyring)
    if legacy and _chance(random, 0.02):
        lines.append(random.choice(ODD_LINES))
    if _chance(random, 0.15):
        lines.append(random.choice(OTHER_LINES))
    random.shuffle(lines)
    return "\n".join([*lines, *_tables(random, uses_keyring)]) + "\n"


def _rules(random, uses_keyring):
    lines = []
    if _chance(random, 0.45):
        odd = _chance(random, 0.07)
        lines.append(f"forced_login_method = {random.choice(ODD_METHODS if odd else METHODS)}")
    if _chance(random, 0.4):
        odd = _chance(random, 0.06)
        lines.append(f"forced_chatgpt_workspace_id = {random.choice(ODD_IDS if odd else IDS)}")
    if _chance(random, 0.5 if uses_keyring else 0.06):
        odd = _chance(random, 0.04)
        store = random.choice(ODD_STORES) if odd else f'"{random.choice(STORES)}"'
        lines.append(f"cli_auth_credentials_store = {store}")
    return lines


def _tables(random, uses_keyring):
    tables = []
    if _chance(random, 0.03):
        tables.append(random.choice(ODD_TABLES))
    if _chance(random, 0.1) and not any("[profiles.x]" in table for table in tables):
        tables.append(random.choice(OTHER_TABLES))
    if (
        uses_keyring
        and _chance(random, 0.15)
        and not any("[features]" in table for table in tables)
    ):
        switch = random.choice(("true", "true", "false", "1"))
        tables.append(f"[features]\nsecret_auth_storage = {switch}")
    if _chance(random, 0.35):
        level = random.choice(("trusted", "trusted", "untrusted"))
        folder = random.choice(("cwd", "cwd", "", "cwd/sub"))
        name = f"/mnt/host/{folder}".rstrip("/")
        tables.append(f'[projects."{name}"]\ntrust_level = "{level}"')
    return tables


ALLOWED_METHODS = ('["chatgpt"]', '["chatgpt"]', '["api"]', '["api"]', '["api", "chatgpt"]', "[]")
ODD_ALLOWED_METHODS = ('["sso"]', '"api"', "{api = true}")
ALLOWED_IDS = ('["ws-a"]', '["ws-a"]', '["ws-z", " ws-a "]', "[]", '[""]', '["a,b"]')
ODD_ALLOWED_IDS = ('"ws-a"', "[1]")
ODD_REQUIREMENTS = (
    'forced_login_method = "api"', 'allowed_login_method = ["api"]', "chatgpt_base_url = 1",
)  # fmt: skip
REQUIRED_TABLES = (
    "[features]\nx = true", "[features]\nx = 1", '[x]\nallowed_login_methods = ["api"]',
)  # fmt: skip


def _requirements(random, uses_keyring):
    if not _chance(random, 0.5):
        return None
    if _chance(random, 0.015):
        return random.choice(BROKEN)
    lines = []
    if _chance(random, 0.55):
        odd = _chance(random, 0.05)
        value = random.choice(ODD_ALLOWED_METHODS if odd else ALLOWED_METHODS)
        lines.append(f"allowed_login_methods = {value}")
    if _chance(random, 0.5):
        odd = _chance(random, 0.05)
        value = random.choice(ODD_ALLOWED_IDS if odd else ALLOWED_IDS)
        lines.append(f"allowed_chatgpt_workspaces = {value}")
    if _chance(random, 0.3 if uses_keyring else 0.05):
        store = random.choice((*STORES, *STORES, "x"))
        lines.append(f'cli_auth_credentials_store = "{store}"')
    lines += [random.choice(ODD_REQUIREMENTS)] if _chance(random, 0.04) else []
    lines += [random.choice(OTHER_REQUIREMENTS)] if _chance(random, 0.1) else []
    lines += [random.choice(REQUIRED_TABLES)] if _chance(random, 0.05) else []
    return "\n".join(lines) + "\n"


def _etc(random, uses_keyring):
    texts = {
        "config.toml": _config(random, 0.3, uses_keyring),
        "managed_config.toml": _config(random, 0.45, uses_keyring),
        "requirements.toml": _requirements(random, uses_keyring),
    }
    files = {name: text for name, text in texts.items() if text is not None}
    for name in ("config.toml", "managed_config.toml", "requirements.toml"):
        if _chance(random, 0.01):
            files[name] = random.choice(
                ({"directory": True}, {"link": "/nowhere"}, {"hex": "ff"}, {"text": "\ufeff"})
            )
    return files


def _personal(random, uses_keyring):
    texts = {
        "config.toml": _config(random, 0.6, uses_keyring),
        "p.config.toml": _config(random, 0.15, uses_keyring),
    }
    return {name: text for name, text in texts.items() if text is not None}


def _project(random):
    if not _chance(random, 0.3):
        return {}
    files = {}
    for folder in ("", "../", "sub/"):
        text = _config(random, 0.5, uses_keyring=False, legacy=False)
        if text is not None:
            files[f"{folder}.codex/config.toml"] = text
    if _chance(random, 0.5):
        files["../.git/HEAD"] = "x"
    if _chance(random, 0.2):
        files[".git/HEAD"] = "x"
    files.setdefault("sub/x", "x")
    return files


def login(random):
    """Return the text of a credential of any shape."""
    shapes = (
        lambda: API_KEY,
        lambda: API_KEY,
        lambda: chatgpt("ws-a"),
        lambda: chatgpt("ws-a"),
        lambda: chatgpt("ws-z"),
        lambda: chatgpt(_id(random), _id(random), _id(random)),
        lambda: chatgpt(_id(random), _id(random), _id(random)),
        lambda: document(
            token(claims(_id(random), random.choice(("u", None)))),
            token(claims(_id(random), random.choice(("u", "v", None)))),
            **_account(random),
        ),
        lambda: BEDROCK,
        lambda: chatgpt("ws-a", plan=random.choice(("plus", "enterprise", "business", "hc"))),
        lambda: random.choice(
            (
                "{}",
                "x",
                "",
                "[]",
                "null",
                '{"tokens": null}',
                '{"OPENAI_API_KEY": ""}',
                '{"openai_api_key": "x"}',
            )
        ),
        lambda: with_fields(random.choice((API_KEY, chatgpt("ws-a"))), **_changed(random)),
    )
    return random.choice(shapes)()


def _id(random):
    return random.choice(("ws-a", "ws-a", "ws-z", "", " ws-a ", None))


def _account(random):
    account = _id(random)
    return {} if account is None else {"account_id": account}


def _changed(random):
    return random.choice((
        {"auth_mode": random.choice((None, "apikey", "chatgpt", "chatgptAuthTokens", "headers", "ApiKey", 5, "bedrockApiKey"))},
        {"OPENAI_API_KEY": random.choice((None, "", "made-up-key-002", 5))},
        {"last_refresh": random.choice((None, "2026-11-24T00:00:00Z", "2020-01-01T00:00:00+02:00", "soon", 5))},
        {"tokens": random.choice((None, {}, [], "x"))},
    ))  # fmt: skip


def _stored(random, uses_keyring):
    files = {}
    if _chance(random, 0.8):
        files["auth.json"] = login(random)
    if uses_keyring and _chance(random, 0.03):
        files[ENCRYPTED] = random.choice(list(encrypted().values()))
    if _chance(random, 0.015):
        files["auth.json"] = random.choice(
            ({"directory": True}, {"link": "/nowhere"}, {"hex": "ff"})
        )
    return files


def _keyring(random):
    items = [
        [dict(random.choice((ENTRY, ENTRY, ENTRY, OLD_ENTRY))), login(random) or " "]
        for _ in range(random.choices((0, 1, 2), (30, 65, 5))[0])
    ]
    if len(items) > 1:
        items[1][0]["x"] = "y"
    if _chance(random, 0.4):
        items.append([dict(PASSPHRASE_ENTRY), PASSPHRASE])
    return {"items": items, "locked": _chance(random, 0.05)}


def _environment(random):
    env = {}
    if _chance(random, 0.15):
        env["CODEX_API_KEY"] = random.choice(("made-up-key-001", "made-up-key-001", " ", ""))
    if _chance(random, 0.02):
        env["OPENAI_API_KEY"] = "made-up-key-003"
    return env


def _flags(random):
    flags = []
    if _chance(random, 0.08):
        flags += ["-p", "p"]
    if _chance(random, 0.05):
        flags += ["--ignore-user-config"]
    if _chance(random, 0.12):
        flags += ["-c", random.choice((
            "forced_login_method=chatgpt", 'forced_login_method="api"', "forced_login_method=x",
            "forced_chatgpt_workspace_id=ws-a", "forced_chatgpt_workspace_id=[]",
            'forced_chatgpt_workspace_id=["ws-z"]', "cli_auth_credentials_store=ephemeral",
            'projects={"/mnt/host/cwd"={trust_level="trusted"}}', "model=x",
        ))]  # fmt: skip
    if _chance(random, 0.05):
        flags += ["-C", random.choice(("/mnt/host/cwd", "/mnt/host", "."))]
    return tuple(flags)


def as_text(made):
    """Return a case as one line of JSON."""
    return json.dumps(made._asdict(), sort_keys=True)


def from_text(text):
    """Return the case of a line of JSON."""
    read = json.loads(text)
    return Case(**{**read, "flags": tuple(read["flags"])})
