"""A person who signs in, as a script: reads what a program says, follows its page, or gives up."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

CODE = "made-up-code"
PAGE = re.compile(rb"https://\S+/oauth/authorize\?\S+")
DEVICE_PAGE = re.compile(rb"https://\S+/codex/device")
LIMIT_S = 40


def sign_in(words, env, cwd, play):
    """Run a program to its end, and do meanwhile what the play says.

    `stdin` is what is piped into it; `does` is what the person does once the page is named:
    `follow` it, `deny` it there, come back with another `state` or code, `interrupt` the program,
    or `nothing`; `taken` are ports on which somebody else listens.
    """
    listeners = [_listener(port) for port in play.get("taken", ())]
    process = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env,
        cwd=cwd, start_new_session=True,
    )  # fmt: skip
    process.stdin.write(play.get("stdin", "").encode())
    process.stdin.close()
    out = {process.stdout: b"", process.stderr: b""}
    acted, until = False, time.monotonic() + LIMIT_S
    while any(out_is_open := [stream for stream in out if not stream.closed]):
        if time.monotonic() > until:
            os.killpg(process.pid, signal.SIGKILL)
        for pipe in select.select(out_is_open, [], [], 0.1)[0]:
            part = os.read(pipe.fileno(), 65536)
            out[pipe] += part
            if not part:
                pipe.close()
        if not acted:
            acted = _act(process, b"".join(out.values()), play.get("does", "follow"))
    code = process.wait()
    for listener in listeners:
        listener.close()
    said, err = (output.decode(errors="replace") for output in out.values())
    return {"code": code, "out": said, "err": err}


def _act(process, said, does):
    """Do what the play says as soon as a page was named; return whether it was done."""
    page = PAGE.search(said)
    if page is None and not (DEVICE_PAGE.search(said) and does in SIGNALS):
        return False
    if does in SIGNALS:
        os.killpg(process.pid, SIGNALS[does])
    elif does != "nothing":
        asked = dict(urllib.parse.parse_qsl(page[0].decode().partition("?")[2]))
        _come_back(asked, does)
    return True


SIGNALS = {"interrupt": signal.SIGINT}


def _come_back(asked, does):
    answers = {
        "follow": {"code": CODE, "state": asked["state"]},
        "another code": {"code": "another", "state": asked["state"]},
        "another state": {"code": CODE, "state": "another"},
        "deny": {"error": "access_denied", "state": asked["state"]},
    }
    back = f"{asked['redirect_uri']}?{urllib.parse.urlencode(answers[does])}"
    with contextlib.suppress(OSError):  # the program says itself why it turned us away
        urllib.request.urlopen(back, timeout=10).read()


def _listener(port):
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener
