"""Runs in the namespace: what Tipstaff makes of the host that is there, as JSON."""

import json
import os
import sys
import time

import tomli

from tipstaff_policy.clients import load_client
from tipstaff_policy.model.request import ReadOptions, Request
from tipstaff_policy.parsing.toml_text import parse_float

OPTIONS = {"-p": "profile", "-C": "cwd"}


def request_of(flags, entry_point, version, env, cwd):
    """Return the request that a case's flags amount to."""
    given = {"profile": None, "cwd": cwd}
    overrides, pending = [], list(flags)
    while pending:
        flag = pending.pop(0)
        if flag == "-c":
            overrides.append(pending.pop(0))
        elif flag in OPTIONS:
            given[OPTIONS[flag]] = pending.pop(0)
    return Request(
        env=env,
        cwd=os.path.join(cwd, given["cwd"]),
        now=int(time.time()),
        client_version=version,
        overrides=tuple(overrides),
        entry_point=entry_point,
        profile=given["profile"],
        ignore_user_config="--ignore-user-config" in flags,
        options=ReadOptions(newer_toml=lambda text: tomli.loads(text, parse_float=parse_float)),
    )


def change_row(version, row):
    """Have this process know a version by other values of its row of behaviour.

    Before anything has read the row that is known.
    """
    from tipstaff_policy.clients.codex import knowledge

    number = tuple(map(int, version.split(".")))
    own = [names for since, names in knowledge.SPANS if since <= number][-1][0]
    before = dict(zip(knowledge.FIELDS, knowledge.ROWS[own], strict=True))
    values = {name: tuple(v) if isinstance(v, list) else v for name, v in row.items()}
    changed = {**before, **values}
    name = ".".join(map(str, number))
    knowledge.ROWS = {**knowledge.ROWS, name: tuple(changed[field] for field in knowledge.FIELDS)}
    kept = [span for span in knowledge.SPANS if span[0] < number]
    later = [span for span in knowledge.SPANS if span[0] > number]
    knowledge.SPANS = (*kept, (number, (name,)), *later)


if __name__ == "__main__":
    if sys.argv[1].startswith("{"):
        row = json.loads(sys.argv.pop(1))
        change_row(sys.argv[1], row)
    _, version, entry_point, *flags = sys.argv
    client = load_client("codex")
    state = client.read_state(request_of(flags, entry_point, version, os.environ, os.getcwd()))
    print(json.dumps({"decision": client.decide(state)._asdict()}))
