"""Flags, environment, and projects that are not trusted."""

from conformance.cases_rules import FORCED_API, FORCED_CHATGPT, workspace
from conformance.client import Case
from support.clients.logins import API_KEY, chatgpt

VALUES = (
    "forced_login_method=chatgpt",
    'forced_login_method="chatgpt"',
    "forced_login_method='chatgpt'",
    " forced_login_method = chatgpt ",
    'forced_login_method="chatgpt',
    "forced_login_method=''chatgpt''",
    '"forced_login_method"=chatgpt',
    "forced_login_method=",
    "forced_login_method=Chatgpt",
    'forced_login_method=["chatgpt"]',
    "forced_login_method={chatgpt={}}",
    "forced_login_method=chatgpt # c",
    'forced_login_method="chatgpt" # c',
    "forced_login_method.x=1",
    "forced_login_method==chatgpt",
    'forced_login_method="chat\\u0067pt"',
    'forced_login_method="""chatgpt"""',
    "forced_login_method=\u00a0chatgpt\u00a0",
    "cli_auth_credentials_store=file",
    'allowed_login_methods=["chatgpt"]',
    "a..b=1",
    ".=1",
    "profile=x",
)
WORKSPACES = (
    "forced_chatgpt_workspace_id=ws-a",
    'forced_chatgpt_workspace_id=["ws-a"]',
    "forced_chatgpt_workspace_id=ws-a,ws-b",
    'forced_chatgpt_workspace_id=["ws-a"',
)
CHATGPT_FILE = {"auth.json": chatgpt()}
KEY_FILE = {"auth.json": API_KEY}
PROJECT = {".codex/config.toml": FORCED_CHATGPT}


def flags(*values):
    return tuple(word for value in values for word in ("-c", value))


def forced(text, home, **env):
    return Case(etc={"managed_config.toml": text}, home=home, env=env)


CASES = {
    **{f"-c {value}": Case(home=KEY_FILE, flags=flags(value)) for value in VALUES},
    **{
        f"-c {value}, other workspace": Case(
            home={"auth.json": chatgpt("ws-z")}, flags=flags(value)
        )
        for value in WORKSPACES
    },
    "last -c wins": Case(
        home=KEY_FILE, flags=flags("forced_login_method=chatgpt", "forced_login_method=api")
    ),
    "-c makes a table of a number": Case(
        home=KEY_FILE, flags=flags("features=5", "features.x=true")
    ),
    "-c beats user": Case(
        home={**KEY_FILE, "config.toml": FORCED_API}, flags=flags("forced_login_method=chatgpt")
    ),
    "managed beats -c": Case(
        home=KEY_FILE,
        etc={"managed_config.toml": FORCED_API},
        flags=flags("forced_login_method=chatgpt"),
    ),
    "-c beats a bad user value": Case(
        home={**KEY_FILE, "config.toml": 'forced_login_method = "zz"\n'},
        flags=flags("forced_login_method=chatgpt"),
    ),
    "key variable, nothing stored": Case(env={"CODEX_API_KEY": "made-up-env"}),
    "key variable, forced chatgpt": forced(FORCED_CHATGPT, {}, CODEX_API_KEY="made-up-env"),
    "key variable, forced api": forced(FORCED_API, CHATGPT_FILE, CODEX_API_KEY="made-up-env"),
    "key variable blank": forced(FORCED_CHATGPT, CHATGPT_FILE, CODEX_API_KEY="  "),
    "key variable no-break space": forced(FORCED_CHATGPT, CHATGPT_FILE, CODEX_API_KEY="\u00a0"),
    "key variable, forced workspace": forced(
        workspace('"ws-a"'), {"auth.json": chatgpt("ws-z")}, CODEX_API_KEY="made-up-env"
    ),
    "key variable, allowed chatgpt, ChatGPT": Case(
        etc={"requirements.toml": 'allowed_login_methods = ["chatgpt"]\n'},
        home=CHATGPT_FILE,
        env={"CODEX_API_KEY": "made-up-env"},
    ),
    "token variable blank": forced(FORCED_API, KEY_FILE, CODEX_ACCESS_TOKEN="  "),
    "token variable beaten by the key": forced(
        FORCED_API, {}, CODEX_API_KEY="made-up-env", CODEX_ACCESS_TOKEN="made-up"
    ),
    "token variable, allowed api": Case(
        etc={"requirements.toml": 'allowed_login_methods = ["api"]\n'},
        home=KEY_FILE,
        env={"CODEX_ACCESS_TOKEN": "made-up"},
    ),
    "OPENAI_API_KEY is no login": Case(env={"OPENAI_API_KEY": "made-up-env"}),
    "project not trusted": Case(home=KEY_FILE, cwd=PROJECT),
    "project not trusted and malformed": Case(home=KEY_FILE, cwd={".codex/config.toml": "a = [\n"}),
    "project of a trusted parent": Case(
        home={**KEY_FILE, "config.toml": '[projects."/mnt/host"]\ntrust_level = "trusted"\n'},
        cwd=PROJECT,
    ),
    "project trusted with a slash": Case(
        home={**KEY_FILE, "config.toml": '[projects."/mnt/host/cwd/"]\ntrust_level = "trusted"\n'},
        cwd=PROJECT,
    ),
    "trust without a file": Case(
        home={**KEY_FILE, "config.toml": '[projects."/mnt/host/cwd"]\ntrust_level = "trusted"\n'}
    ),
    "managed takes trust away": Case(
        etc={"managed_config.toml": '[projects."/mnt/host/cwd"]\ntrust_level = "untrusted"\n'},
        home={**KEY_FILE, "config.toml": '[projects."/mnt/host/cwd"]\ntrust_level = "trusted"\n'},
        cwd=PROJECT,
    ),
}
"""Environment credentials that violate while a stored login complies are in KEPT."""

KEPT = {
    "key variable, forced chatgpt, ChatGPT": forced(
        FORCED_CHATGPT, CHATGPT_FILE, CODEX_API_KEY="made-up-env"
    ),
    "key variable, forced chatgpt, garbage": forced(
        FORCED_CHATGPT, {"auth.json": "garbage"}, CODEX_API_KEY="made-up-env"
    ),
}
"""The client deletes the stored login because of the variable; Tipstaff does not."""
