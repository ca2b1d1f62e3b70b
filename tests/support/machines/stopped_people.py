"""A person in front of a client, stopped in every way that docs/stopped.md shows."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from support.artefacts.policies import ROOT
from support.clients.claude_logins import KEY, LOGIN, write
from support.clients.logins import API_KEY, chatgpt, claims, signed_login, token
from support.machines.hosts import BIN, FORCED_CHATGPT, VERSION, make_host, run
from support.machines.private_etc import in_private_etc
from support.machines.shortages import LIMITED
from support.services.odd_services import hangs_up, odd_bus
from support.services.signing import issuer, jwks
from tipstaff_policy import guard
from tipstaff_policy.clients.codex.credentials.workload import (
    AUDIENCE,
    ENDPOINT,
    FILE,
    RULE,
    SOURCE,
)
from tipstaff_policy.clients.shim import Shim, render_shim

PAGE = Path(__file__).resolve().parents[3] / "docs/stopped.md"
ONLY_WS = 'forced_chatgpt_workspace_id = "ws-example"\n'
CONTACT = 'contact = "help desk, phone 17"\nhelp_url = "https://help.example.com/sign-in"\n'
WORDS = f'message = "Use the login of Example Corp."\n{CONTACT}'
METHODS = 'login_methods = ["chatgpt"]\n'
WORKSPACES = 'workspaces = [{ id = "ws-example", name = "Example Corp" }]\n'
POLICY = f"{ROOT}{METHODS}{WORKSPACES}{WORDS}"
KEYRING = 'cli_auth_credentials_store = "keyring"\n'
PRIVATE = chatgpt("ws-private")
FINE = chatgpt("ws-example")
PYTHON = os.path.realpath(sys.executable)
"""Without the full program next to it, like the Python of a shim."""
GUARD = (PYTHON, "-IS", guard.__file__, *VERSION, "--", "echo", "started")
OF_CLAUDE = ("--client", "claude", "--client-version", "2.1.332")
CLAUDE_GUARD = (PYTHON, "-IS", guard.__file__, *OF_CLAUDE, "--", "echo", "started")
CLAUDE_POLICY = (
    f"{ROOT}{WORDS}[clients.claude]\n"
    'login_methods = ["claudeai"]\n'
    'organisations = ["01234567-89ab-4cde-8f01-23456789abcd"]\n'
)
SIGNS_IN_TO_CLAUDE = (
    "#!/bin/sh\numask 077; printf '%s' '{login}' >$CLAUDE_CONFIG_DIR/.credentials.json\n"
)
OFFLINE = ("unshare", "-n")
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'
NEXT_TO_A_CLIENT = (
    '"$1" 60 >/dev/null 2>&1 & shift; "$@"; code=$?; kill $!; wait $! 2>/dev/null; exit $code'
)
UNTIL_GONE = 'login=$1; shift; "$@" & while [ -e "$login" ]; do sleep 0.1; done; kill $!; wait $!'
SIGNS_IN = "#!/bin/sh\numask 077; cat >/dev/null; printf '%s' '{auth}' >$CODEX_HOME/auth.json\n"


class Person:
    """A machine with its own /etc and one home on it."""

    def __init__(self, folder, *, policy=None, etc=None, **host):
        self.folder = folder
        self.root = make_host(folder / "host", **host)
        self.home = self.root / "home/dev"
        self.env = {"HOME": str(self.home), "PATH": "/usr/bin:/bin"}
        new, (*self.front, _) = in_private_etc(folder, "true")
        for name in ("managed_config", "requirements", "config"):
            written = self.root / f"etc/codex/{name}.toml"
            if written.exists():
                written.rename(new / f"codex/{name}.toml")
        (new / "tipstaff").mkdir()
        if policy is not None:
            (new / "tipstaff/policy.toml").write_text(policy)
        for name, text in (etc or {}).items():
            (new / name).write_text(text)

    @property
    def auth(self):
        return self.home / ".codex/auth.json"

    def client(self, text):
        """Put a program in the place of the client."""
        program = self.folder / "codex"
        program.write_text(text)
        program.chmod(0o755)
        return program

    def run(self, *words, before=(), env=None, **options):
        """Run a program on this machine, and return what its person sees, with its exit code."""
        words = [*self.front, *before, *words]
        done = run(words, cwd=self.home, env={**self.env, **(env or {})}, **options)
        return shown(self, done)

    def guard(self, **how):
        return self.run(*GUARD, **how)

    def tipstaff(self, command, *words, version=VERSION, **how):
        return self.run(BIN / "tipstaff", command, *version, *words, **how)


def shown(person, done):
    """Return what a person sees, with placeholders for what differs from run to run."""
    text = done.stderr + done.stdout
    for path, name in (
        (person.home, "/home/dev"),
        (person.folder / "codex", "/opt/codex/codex"),
        (person.folder, ""),
    ):
        text = text.replace(str(path), name)
    text = re.sub(r"cli\|[0-9a-f]{16}", "cli|0123456789abcdef", text)
    text = re.sub("Broken pipe|Connection reset by peer", "Broken pipe", text)
    text = re.sub(r"(process|kill) \d+", r"\1 4711", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "2026-11-30T08:00:00Z", text)
    text = re.sub(r"[.\w-]*\.tipstaff-login-\w+", ".tipstaff-login-x", text)
    return f"{text.rstrip()}\nexit {done.returncode}"


def wrong_method(folder):
    return Person(folder, managed=FORCED_CHATGPT).guard()


def wrong_workspace(folder):
    return Person(folder, auth=PRIVATE, policy=POLICY).guard()


def no_workspace(folder):
    return Person(folder, auth=chatgpt(None), managed=ONLY_WS).guard()


def console_key(folder):
    person = Person(folder, auth=None, policy=CLAUDE_POLICY)
    write(person.home / ".claude.json", KEY)
    return person.run(*CLAUDE_GUARD)


def organisation_unknown(folder):
    person = Person(folder, auth=None, policy=CLAUDE_POLICY)
    write(person.home / ".claude/.credentials.json", LOGIN)
    return person.run(*CLAUDE_GUARD, before=OFFLINE)


def organisation_unknown_at_login(folder):
    person = Person(folder, auth=None, policy=CLAUDE_POLICY)
    (person.home / ".claude").mkdir()
    program = person.client(SIGNS_IN_TO_CLAUDE.format(login=json.dumps(LOGIN)))
    words = ("--client", "claude", "--program", program)
    return person.tipstaff("login", *words, version=(), before=OFFLINE)


def only_keys(folder):
    return Person(folder, auth=FINE, requirements='allowed_login_methods = ["api"]\n').guard()


def link(folder):
    person = Person(folder, managed=FORCED_CHATGPT)
    person.auth.rename(person.home / "auth-backup.json")
    person.auth.symlink_to(person.home / "auth-backup.json")
    return person.guard()


def further_name(folder):
    person = Person(folder, managed=FORCED_CHATGPT)
    (person.home / "auth-backup.json").hardlink_to(person.auth)
    return person.guard()


def variable(folder):
    person = Person(folder, auth=FINE, policy=POLICY)
    return person.guard(env={"CODEX_API_KEY": "made-up"})


def running(folder):
    person = Person(folder, managed=FORCED_CHATGPT)
    program = folder / "codex"
    shutil.copy(shutil.which("sleep"), program)
    return person.guard(before=["sh", "-c", NEXT_TO_A_CLIENT, "sh", program])


def read_only(folder):
    person = Person(folder, policy=POLICY)
    return person.guard(before=["sh", "-c", READ_ONLY, "sh", person.home])


def keyring_not_read(folder):
    return by_exec_with_a_dead_keyring(folder, API_KEY)


def by_exec_with_a_dead_keyring(folder, auth):
    person = Person(folder, auth=auth, managed=FORCED_CHATGPT + KEYRING)
    with odd_bus(folder, hangs_up) as env:
        return person.tipstaff("exec", "--", "echo", "started", env=env)


def file_malformed(folder):
    return Person(folder, managed="# rules\nx = [", policy=POLICY).guard()


def policy_malformed(folder):
    return Person(folder, policy=f'{ROOT}login_method = ["chatgpt"]\n').guard()


def no_method_left(folder):
    return Person(
        folder, managed=FORCED_CHATGPT, requirements='allowed_login_methods = ["api"]\n'
    ).guard()


def unreadable(folder):
    return Person(folder, auth="{}x", policy=POLICY).guard()


def keyring_locked(folder):
    return by_exec_with_a_dead_keyring(folder, None)


def access_token(folder):
    person = Person(folder, auth=None, managed=ONLY_WS, policy=POLICY)
    return person.guard(env={"CODEX_ACCESS_TOKEN": "at-made-up"}, before=OFFLINE)


def workload(folder):
    person = Person(folder, auth=None, policy=POLICY)
    (person.home / "token").write_text("made.up.token")
    env = {RULE: "made-up", FILE: str(person.home / "token")}
    return person.guard(env=env, before=OFFLINE)


BY_SPIFFE = {
    RULE: "made-up",
    SOURCE: "spiffe",
    ENDPOINT: "unix:///nowhere/agent.sock",
    AUDIENCE: "a",
}


def spiffe(folder):
    person = Person(folder, auth=None, policy=POLICY)
    return person.tipstaff("exec", "--", "echo", "started", env=BY_SPIFFE)


def spiffe_by_the_guard(folder):
    return Person(folder, auth=None, policy=POLICY).guard(env=BY_SPIFFE)


def agent_token(folder):
    auth = json.dumps({"auth_mode": "agentIdentity", "agent_identity": token(claims("ws-example"))})
    person = Person(folder, auth=auth, policy=POLICY)
    return person.tipstaff("exec", "--", "echo", "started", before=OFFLINE)


def short_of_files(folder):
    person = Person(folder, auth=FINE, policy=POLICY)
    words = [PYTHON, "-IS", "-c", LIMITED, "policy.toml", *GUARD[2:]]
    return person.run(*words)


def signature(folder):
    policy = f'{ROOT}trusted_keys = "/etc/tipstaff/keys.json"\n{WORDS}'
    keys = jwks(issuer("ours").jwk())
    auth = signed_login(issuer("ours").sign, "ws-example")
    return Person(folder, auth=auth, policy=policy, etc={"tipstaff/keys.json": keys}).guard()


def warned(folder):
    policy = f"{POLICY}warn_from = 2026-01-01\nenforce_from = 2099-01-10\n"
    return Person(folder, policy=policy).guard()


def shim(folder):
    program = folder / "codex"
    program.write_text(
        render_shim(
            Shim(
                "0.1.0",
                "/usr/bin/python3",
                "/opt/tipstaff/tipstaff_policy/guard.py",
                "/opt/codex/bin/codex",
            )
        )
    )
    program.chmod(0o755)
    done = subprocess.run([program, "exec", "hi"], capture_output=True, text=True, check=False)
    return f"{done.stderr.replace(str(program), '/usr/bin/codex')}exit {done.returncode}"


def login_refused(folder):
    person = Person(folder, auth=FINE, policy=POLICY)
    program = person.client(SIGNS_IN.format(auth=API_KEY))
    words = ("--with-api-key", "--program", program)
    return person.tipstaff("login", *words, version=())


def login_taken_back(folder):
    person = Person(folder, auth=FINE, policy=POLICY)
    program = person.client(SIGNS_IN.format(auth=PRIVATE))
    return person.tipstaff("login", "--program", program, version=(), before=["unshare", "-n"])


def by_exec(folder):
    return Person(folder, policy=POLICY).tipstaff("exec", "--", "echo", "started")


def by_enforce(folder):
    return Person(folder, policy=POLICY).tipstaff("enforce")


def while_away(folder):
    person = Person(folder, policy=POLICY)
    person.tipstaff("enforce")
    return person.tipstaff("why")


def by_watch(folder):
    person = Person(folder, policy=POLICY)
    return person.tipstaff("watch", before=["sh", "-c", UNTIL_GONE, "sh", person.auth])


CASES = {
    "The wrong kind of login": (wrong_method, 10),
    "Only API keys are allowed": (only_keys, 10),
    "A Console key where only claude.ai is allowed": (console_key, 10),
    "The wrong workspace": (wrong_workspace, 10),
    "No workspace": (no_workspace, 10),
    "Started by `tipstaff exec`": (by_exec, 10),
    "The login file was a link": (link, 11),
    "The login file has another name": (further_name, 11),
    "A variable holds a credential": (variable, 11),
    "A client still runs": (running, 11),
    "The disk is read-only": (read_only, 11),
    "The keyring could not be read": (keyring_not_read, 11),
    "The client's managed file cannot be read": (file_malformed, 3),
    "The organisation's policy has a fault": (policy_malformed, 3),
    "The rules leave no login": (no_method_left, 3),
    "The login file is broken": (unreadable, 4),
    "The keyring does not answer": (keyring_locked, 4),
    "The organisation of a Claude login": (organisation_unknown, 4),
    "An access token": (access_token, 4),
    "A workload identity": (workload, 4),
    "A workload identity from SPIFFE": (spiffe, 4),
    "SPIFFE without its library": (spiffe_by_the_guard, 4),
    "An agent identity that is a token": (agent_token, 4),
    "No file can be opened": (short_of_files, 4),
    "A signature cannot be verified": (signature, 4),
    "A part of Tipstaff is missing": (shim, 4),
    "The rule is not enforced yet": (warned, 0),
    "Refused before anything was asked": (login_refused, 1),
    "Refused after the sign-in": (login_taken_back, 1),
    "Signed in, and the organisation is not known yet": (organisation_unknown_at_login, 0),
    "What `tipstaff why` says then": (while_away, 0),
    "What the watch writes into the log of your session": (by_watch, 0),
    "What an enforcement prints": (by_enforce, 10),
}
"""By the heading of the page: what happens, and how it ends."""
BLOCK = re.compile(r"^### (.+)\n```text\n((?:.*\n)*?)```$", re.MULTILINE)


def blocks():
    """Return what the page shows, by heading."""
    return {name: text.removesuffix("\n") for name, text in BLOCK.findall(PAGE.read_text("utf-8"))}


def check_block(name, printed):
    """Hold what was printed against the page; TIPSTAFF_UPDATE_GOLDEN=1 writes it there."""
    if os.environ.get("TIPSTAFF_UPDATE_GOLDEN"):
        text = PAGE.read_text("utf-8")
        put = BLOCK.sub(
            lambda match: f"### {name}\n```text\n{printed}\n```" if match[1] == name else match[0],
            text,
        )
        PAGE.write_text(put, "utf-8")
    assert blocks()[name] == printed
