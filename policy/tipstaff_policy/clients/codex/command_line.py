"""What a command line of the client says about the state that it will run on.

Source: `codex --help` and `codex exec --help` of client 0.169.0.
"""

import os
from typing import Literal, NamedTuple

from tipstaff_policy.clients.model import Invocation
from tipstaff_policy.values import EntryPoint

PROGRAM = "codex"

Take = Literal["override", "enable", "disable", "profile", "cwd", "ignore", "value", "nothing"]

OPTIONS: dict[str, Take] = {
    "-c": "override",
    "--config": "override",
    "--enable": "enable",
    "--disable": "disable",
    "-p": "profile",
    "--profile": "profile",
    "-C": "cwd",
    "--cd": "cwd",
    "--ignore-user-config": "ignore",
    **dict.fromkeys(
        (
            "--remote", "--remote-auth-token-env", "-i", "--image", "-m", "--model",
            "--local-provider", "-s", "--sandbox", "--add-dir", "-a", "--ask-for-approval",
            "--thread-source", "--cyber-access-program", "--output-schema", "--color",
            "-o", "--output-last-message",
        ),
        "value",
    ),
    **dict.fromkeys(
        (
            "--strict-config", "--oss", "--approve-for-me", "--worktree", "--search",
            "--dangerously-bypass-approvals-and-sandbox", "--dangerously-bypass-hook-trust",
            "--no-alt-screen", "--no-daemon", "-h", "--help", "-V", "--version",
            "--skip-git-repo-check", "--trust", "--ephemeral", "--ignore-rules", "--json",
        ),
        "nothing",
    ),
}  # fmt: skip
ENTRY_POINTS: dict[str, EntryPoint] = {
    "exec": "exec",
    "e": "exec",
    "review": "exec",
    "app-server": "app-server",
    "remote-control": "app-server",
    "exec-server": "app-server",
    "resume": "interactive",
    "fork": "interactive",
    "agents": "interactive",
}
OTHER_COMMANDS = (
    "login", "logout", "mcp", "plugin", "completion", "update", "doctor", "sandbox", "debug",
    "apply", "a", "queue", "archive", "delete", "migrate-rollouts", "migrate-nfs-db", "unarchive",
    "cloud", "features", "help",
)  # fmt: skip
"""They do not enforce by themselves; they are judged as `exec`, the strictest."""


class _Option(NamedTuple):
    name: str
    take: Take
    value: str


def read_invocation(command: tuple[str, ...]) -> Invocation | None:
    """Return the state options of a command line; None where it is not this client's."""
    if not command or os.path.basename(command[0]) != PROGRAM:
        return None
    pending = list(reversed(command[1:]))
    found = Invocation("interactive")
    subcommand = None
    while pending:
        word = pending.pop()
        if word == "--":
            break
        if not word.startswith("-") or word == "-":
            # Behind a command that brings options of its own, nothing is known of the rest.
            subcommand = word if subcommand is None else subcommand
            if subcommand in OTHER_COMMANDS:
                break
            continue
        option = _option(word, pending)
        if option is None:
            return found._replace(unknown=word.partition("=")[0])
        found = _apply(found, option)
    entry = ENTRY_POINTS.get(subcommand or "", "interactive")
    return found._replace(entry_point="exec" if subcommand in OTHER_COMMANDS else entry)


def _option(word: str, pending: list[str]) -> _Option | None:
    """Split one option from its value, as `--name value`, `--name=value` or `-nvalue`."""
    name, equals, value = word.partition("=")
    if not word.startswith("--") and len(name) > 2:
        name, equals, value = word[:2], "=", word[2:].removeprefix("=")
    take = OPTIONS.get(name)
    if take is None or (take in ("nothing", "ignore") and equals):
        return None
    if take in ("nothing", "ignore") or equals:
        return _Option(name, take, value)
    return _Option(name, take, pending.pop()) if pending else None


def _apply(found: Invocation, option: _Option) -> Invocation:
    match option.take:
        case "override":
            return found._replace(overrides=(*found.overrides, option.value))
        case "enable" | "disable":
            switch = f"features.{option.value}={'true' if option.take == 'enable' else 'false'}"
            return found._replace(overrides=(*found.overrides, switch))
        case "profile":
            return found._replace(profile=option.value)
        case "cwd":
            return found._replace(cwd=option.value)
        case "ignore":
            return found._replace(ignore_user_config=True)
        case "value" | "nothing":
            return found
