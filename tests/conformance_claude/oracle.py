"""The real client as a judge: what it does on a host, as it shows in what it asks and says."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

WORKER = str(Path(__file__).with_name("namespace_worker.py"))
ROOT = str(Path(__file__).resolve().parents[2])
CLOSING_S = 10
START = ("-p", "hi")


class Host(NamedTuple):
    """One host: files by name below a place, variables, and how the service answers."""

    managed: dict = {}
    """Below /etc/claude-code. A file is its text, or what else it is: see `write` of the worker."""
    home: dict = {}
    project: dict = {}
    env: dict = {}
    flags: tuple = ()
    """Given to the client in front of the question."""
    service: dict = {}
    """Status and document for `settings`, `token`, `revoke` and `validate`; None for silence."""
    read_only: tuple = ()
    """Folders below the home that cannot be written."""


class Namespace:
    """A private namespace with one worker in it; one start at a time."""

    def __init__(self):
        self.client_s = 0.0
        """How long the client ran here, all its starts together."""
        is_root = os.geteuid() == 0
        words = ["unshare", "-mn"] if is_root else ["unshare", "-Urmn"]
        told = {"TIPSTAFF_ROOT": ROOT, "TIPSTAFF_IS_MAPPED": "0" if is_root else "1"}
        self.process = subprocess.Popen(
            [*words, sys.executable, WORKER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={"PATH": os.environ["PATH"], **told},
            text=True,
        )
        if self.process.stdout.readline().strip() != "ready":
            reason = self.process.stderr.read().strip().splitlines()[-1:]
            self.close()
            raise OSError(*reason)

    def run(self, argv, host, *, show=(), until_started=False, again=False):
        """Run one program on a host; return what it says, asks and leaves.

        Args:
            show: The files below the home whose text is wanted afterwards.
            until_started: Whether it is stopped as soon as it has put a question to the model.
            again: Whether it runs on what the run before left, without a policy of the machine.
        """
        how = {"show": show, "until_started": until_started, "again": again}
        found = self._answer({"argv": argv, "host": host._asdict(), **how})
        self.client_s += found.pop("seconds")
        return found

    def ask(self, argv, host, question):
        """Lay out a host and put a question to a program that is started once for all hosts.

        Returns what is left on the host, with the program's answer.
        """
        return self._answer(
            {"argv": argv, "host": host._asdict(), "show": (), "question": question}
        )

    def _answer(self, request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise OSError(self.process.stderr.read())
        return json.loads(answer)

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


ENDINGS = (
    ("stopped: document", "Managed settings document could not be parsed as a JSON object"),
    ("stopped: policy unreadable", "Unable to read managed policy settings"),
    ("stopped: sign-in rule unreadable", "could not read the managed settings that apply to this"),
    ("stopped: no fresh server policy", "requires remote managed settings to load"),
    (
        "stopped: global file",
        r"configuration file .*(corrupted|invalid)|is not valid JSON|Invalid JSON",
    ),
    ("stopped: settings option", "Settings file not found"),
    (
        "refused: sign-in",
        r"require a sign-in to Anthropic (\(enforceAnthropicSignIn\)|that this app cannot use)",
    ),
    ("refused: provider", "managed settings allow Claude Code to use"),
    ("refused: gateway", "Not signed in to the Cloud gateway|requires a Cloud gateway sign-in"),
    ("refused: first party", "managed settings require a first-party login"),
    ("refused: no organisation", "forceLoginOrgUUID in managed settings is set to an empty array"),
    ("refused: organisation unknown", "Unable to verify organization"),
    (
        "refused: other organisation",
        "token belongs to organization|provides a token for a\\s+different organization",
    ),
    ("session expired", "OAuth session expired and could not be refreshed"),
    ("signed out", r"Not logged in . Please run /login"),
    ("signed out: key of blanks", r"Invalid API key . Fix external API key"),
    ("logged out: not confirmed", "Anthropic didn't confirm the login was revoked"),
    ("logged out", "Successfully logged out"),
)
"""How a start ends without a question to the model, by what the client says."""
STARTED = "started"
NO_END = "no end"
UNKNOWN_ENDING = "other"


class Outcome(NamedTuple):
    """What the client did on a host."""

    ending: str
    code: int | None
    """None where it was stopped once it had started."""
    sent: tuple
    """The credentials of its questions to the model."""
    asked: tuple
    """The questions to the service that count, each with its credential."""
    left: dict
    """What became of each file that the host lays out below the home."""
    holding: tuple
    """The files below the home that hold a credential afterwards; empty where it started."""
    text: str
    """What it said."""

    @property
    def kind(self):
        """Return how it ended, in one word."""
        return self.ending.partition(":")[0]


COUNTS = ("/api/oauth/", "/v1/oauth/", "/api/claude_code/settings")
"""The questions to the service that have a part in the verdict."""
PASSED_OVER = ("/api/oauth/profile", "/api/oauth/account")
TEXT_LIMIT = 600


def ending_of(found):
    """Return how a start ended, by what the client asked and said."""
    if found["sent"]:
        return STARTED
    if found["code"] is None:
        return NO_END
    text = found["out"] + found["err"]
    return next((name for name, said in ENDINGS if re.search(said, text)), UNKNOWN_ENDING)


def counting(asked):
    """Return the questions that count, each once, in the order in which they were first asked."""
    kept = [
        (question, tuple(sorted(sent.items())), body)
        for question, sent, body in asked
        if any(part in question for part in COUNTS)
        and not any(part in question for part in PASSED_OVER)
    ]
    return tuple(dict.fromkeys(kept))


def outcome_of(found):
    ending = ending_of(found)
    started = ending == STARTED
    sent = dict.fromkeys(tuple(sorted(request.items())) for request in found["sent"])
    return Outcome(
        ending,
        None if started else found["code"],
        tuple(sent),
        counting(found["asked"]),
        found["left"],
        () if started else tuple(found["holding"]),
        (found["out"] + found["err"]).strip()[:TEXT_LIMIT],
    )


def start(namespace, client, host, *, again=False):
    """Start the client with a question; return what it did.

    Args:
        again: As for `Namespace.run`.
    """
    words = [*client, *host.flags, *START]
    return outcome_of(namespace.run(words, host, until_started=True, again=again))


def log_out(namespace, client, host):
    """Run the client's own log-out; return what it did."""
    return outcome_of(namespace.run([*client, "auth", "logout"], host))
