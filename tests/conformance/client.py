"""The real client as a judge: what it does on a host, as a verdict of Tipstaff's vocabulary."""

import glob
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from typing import NamedTuple

from tipstaff_policy.clients.codex.versions import NEWEST, behaviour_of, version_number

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "namespace_worker.py")
VERSION = os.environ.get("TIPSTAFF_CLIENT_VERSION") or ".".join(map(str, NEWEST))
BEHAVIOUR = behaviour_of(VERSION)
AS_VERSION = ("--client", "codex", "--client-version", VERSION)
"""What has Tipstaff judge the client that runs here."""
CLIENTS = f"{ROOT}/.client/"
"""Below this folder the releases of the client are installed."""
STARTS: list[float] = []
"""How long each start of the client by this process took."""
BACKGROUND_SERVER_SINCE = (0, 160, 0)
"""Since then the interactive client leaves its work to a server by default."""
ENCRYPTED = "secrets/codex_auth.age"
CLOSING_S = 10
SWITCHES = ("--ignore-user-config",)
"""The options of these hosts that take no value."""
STATUS_REFUSES = ("-p", "-C", "--ignore-user-config")
"""Options of `exec` that `login status` does not take, so that hollow logins are not recognised."""
RULES = re.compile(
    r"^\ufeff?\s*\[?(forced_login_method|forced_chatgpt_workspace_id|allowed_login_methods|"
    r"allowed_chatgpt_workspaces)\b.*$",
    re.MULTILINE,
)

PROVIDER = re.compile(r"^\ufeff?\s*\[?(model_provider)\b.*$", re.MULTILINE)
KEYRING_TOOLS = ("dbus-daemon", "gnome-keyring-daemon", "secret-tool")


class NoKeyringError(Exception):
    """This machine has no keyring to try."""


class Case(NamedTuple):
    """One host: files by name, the environment, the flags given to the client."""

    etc: dict = {}
    home: dict = {}
    cwd: dict = {}
    env: dict = {}
    flags: tuple = ()
    without_capabilities: bool = False
    entry_point: str = "exec"
    bundle: dict = {}
    """What the service answers to an account of a managed plan."""
    policy: dict = {}
    """The organisation's own files."""
    service: dict = {}
    """How the service answers to a sign-in."""
    keyring: dict | None = None
    """Items and whether it is locked; None for no session bus at all."""


class Judgement(NamedTuple):
    verdict: str
    removes: tuple
    left: tuple
    """Which stores still hold something."""
    out: str


class Namespace:
    """A private namespace with one worker in it."""

    def __init__(self):
        self.client_s = 0.0
        """How long the real client ran here, all its starts together."""
        words = ["unshare", "-mn"] if os.getuid() == 0 else ["unshare", "-Urmn"]
        self.process = subprocess.Popen(
            [*words, sys.executable, WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        if self.process.stdout.readline().strip() != "ready":
            reason = self.process.stderr.read().strip().splitlines()[-1:]
            self.close()
            raise OSError(*reason)

    def run(self, argv, case, **how):
        """Run one program; see `run` and its kin in namespace_worker.py for how it can be done."""
        if case.keyring is not None and not all(map(shutil.which, KEYRING_TOOLS)):
            raise NoKeyringError
        request = {"argv": argv, "case": case._asdict(), "how": how}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise OSError(self.process.stderr.read())
        found = json.loads(answer)
        seconds = found.pop("seconds")
        if any(CLIENTS in word for word in argv):
            self.client_s += seconds
            STARTS.append(seconds)
        return found

    def close(self):
        """End the worker, which ends what it has started."""
        self.process.stdin.close()
        try:
            self.process.wait(CLOSING_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.process.stderr.close()


def find_client(version=VERSION):
    """Return the client's own program, without the launcher in front; None where it is missing."""
    found = glob.glob(f"{ROOT}/.client/{version}/**/vendor/**/codex", recursive=True)
    return next((path for path in sorted(found) if os.path.isfile(path)), None)


def judge(namespace, client, case):
    """Return what the real client does on a host."""
    ask = ENTRY_POINTS[case.entry_point]
    found = ask(namespace, client, case)
    left = remains(found)
    out = found["out"] + found.get("err", "")
    if found["stopped"]:
        assert out.strip(), found  # a client that stops says why; one that does not start is silent
        logged_out = "Logging out." in out
        gone = tuple(store for store in held(case) if _removed(store, case, found, left))
        verdict = "log_out" if logged_out else "refuse"
        return Judgement(verdict, gone if logged_out else (), left, out)
    verdict = "allow" if found["signed_in"] else "not_logged_in"
    free = without(RULES, case)
    if not found["signed_in"] and free != case:
        again = ask(namespace, client, free)
        if again["stopped"] and case.entry_point == "interactive":
            # The screen can stop at a login that it does not hide; whether it is one shows here.
            again = ask_status(namespace, client, free)
        if not again["stopped"] and again["signed_in"]:
            verdict = "ignore_credential"
    return Judgement(verdict, (), left, out)


ASK = [
    {"id": 1, "method": "initialize", "params": {"clientInfo": {"name": "t", "version": "1"}}},
    {"method": "initialized"},
    {"id": 2, "method": "account/read", "params": {}},
]


def exec_words(client, case):
    return [client, "exec", "--skip-git-repo-check", *case.flags, "hi"]


def ask_exec(namespace, client, case):
    unclear = any(flag in STATUS_REFUSES for flag in case.flags)
    found = namespace.run(exec_words(client, case), case, until_banner=True, patient=unclear)
    assert found["started"] or found["code"] == 1, found
    signed_in = found["started"] and _signed_in(namespace, client, case, found)
    return {**found, "stopped": not found["started"], "signed_in": signed_in}


def ask_status(namespace, client, case):
    found = namespace.run([client, "login", *case.flags, "status"], case)
    assert found["code"] in (0, 1), found  # anything else is no verdict of the client
    failed = found["code"] == 1 and "Not logged in" not in found["err"]
    return {**found, "stopped": failed, "signed_in": found["code"] == 0}


def ask_app_server(namespace, client, case):
    text = "".join(json.dumps(message) + "\n" for message in ASK)
    found = namespace.run([client, *case.flags, "app-server"], case, dialogue=text)
    answer = next((x for x in found["out"].splitlines() if '"id":2' in x), "")
    assert answer or found["code"] == 1, found
    # The account of a hollow login is unknown, and yet it counts.
    return {**found, "stopped": not answer, "signed_in": '"account":null' not in answer}


def ask_interactive(namespace, client, case):
    alone = ("--no-daemon",) if version_number(VERSION) >= BACKGROUND_SERVER_SINCE else ()
    found = namespace.run([client, *alone, *case.flags], case, terminal=True)
    assert found["screen"] or found["code"] == 1, found
    return {**found, "stopped": found["screen"] == "", "signed_in": found["screen"] == "signed in"}


ENTRY_POINTS = {
    "exec": ask_exec,
    "status": ask_status,
    "app-server": ask_app_server,
    "interactive": ask_interactive,
}


def held(case):
    """Return the stores into which a case puts something."""
    items = case.keyring["items"] if case.keyring else []
    stores = {
        "encrypted": ENCRYPTED in case.home,
        "keyring": any(attributes["service"] == "Codex Auth" for attributes, _ in items),
        "file": "auth.json" in case.home,
    }
    return tuple(name for name, there in stores.items() if there)


def remains(found):
    """Return which stores hold something after a run; of the encrypted one only its file shows."""
    return tuple(
        name
        for name, there in (
            ("keyring", found.get("keyring")),
            ("file", "auth.json" in found["left"]),
        )
        if there
    )


def _digest(content):
    if isinstance(content, dict) and "directory" in content:
        return None
    content = {"text": content} if isinstance(content, str) else content
    data = bytes.fromhex(content["hex"]) if "hex" in content else content["text"].encode()
    return hashlib.sha256(data).hexdigest()


def _removed(store, case, found, left):
    if store == "encrypted":  # the client keeps the file, and takes the login out of it
        return found["encrypted"] != _digest(case.home[ENCRYPTED])
    if store == "keyring":  # another item of the name may be left
        items = [1 for item, _ in case.keyring["items"] if item["service"] == "Codex Auth"]
        return len(found["keyring"]) < len(items)
    return store not in left


def _signed_in(namespace, client, case, found):
    if any(found["sent"]):
        return True
    # Hollow logins send nothing, and yet the client calls them signed in.
    if any(flag in STATUS_REFUSES for flag in case.flags):
        return False
    if namespace.run([client, "login", *case.flags, "status"], case)["code"] == 0:
        return True
    own = without(PROVIDER, case)
    # A provider of the user's own gets no key of the variable, which `login status` does not read.
    if "CODEX_API_KEY" not in case.env or own == case:
        return False
    return any(namespace.run(exec_words(client, own), own, until_banner=True)["sent"])


def options(flags):
    """Return the flags of a case one by one, each with its value if it takes one."""
    pending, found = list(flags), []
    while pending:
        flag = pending.pop(0)
        found.append((flag,) if flag in SWITCHES else (flag, pending.pop(0)))
    return found


def without(lines, case):
    """Return the same host without the lines that a pattern finds."""

    def strip(files):
        return {
            name: lines.sub("", content)
            if isinstance(content, str) and name.endswith(".toml")
            else content
            for name, content in files.items()
        }

    kept = [words for words in options(case.flags) if not lines.match(words[-1])]
    return case._replace(
        etc=strip(case.etc), home=strip(case.home), cwd=strip(case.cwd), flags=tuple(sum(kept, ()))
    )
