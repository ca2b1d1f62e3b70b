"""The client's own environment, after it has read the `.env` file of its folder.

`codex sandbox` hands the environment on to the program that it starts, so what `env` prints there
is what the client has taken over.
"""

import io
import random

import pytest

from conformance.client import VERSION, Case
from tipstaff_policy.clients.codex.dotenv import parse_dotenv
from tipstaff_policy.clients.codex.versions import version_number

SANDBOX = ("sandbox", "linux") if version_number(VERSION) < (0, 140, 0) else ("sandbox",)
BEFORE = {
    "SHELL_ONLY": "from-shell",
    "HOME": "/mnt/host/home",
    "CODEX_HOME": "/mnt/host/home/.codex",
    "PATH": "/usr/bin:/bin",
}
"""What a test starts the client with; all else is what the client itself adds."""
OWN = ("PATH", "CODEX_", "PWD", "SHLVL", "SSL_")
DOCUMENTS = {
    "values": b"A=b\nB='c d' # e\nC=\"$A ${SHELL_ONLY}\"\nD=$A$B_x\nexport E=f\nG=h#i\nI=\nJ = k\n",
    "what is passed over": b"A=b c\n=d\n1B=c\nC-D=e\nF='g\nH=i\n",
    "the environment is beaten": b"SHELL_ONLY=x\nHOME=/srv\nA=$SHELL_ONLY${HOME}\n",
    "reserved names": b"CODEX_HOME=/x\ncodex_a=1\nCoDeX_B=2\nA=${CODEX_HOME}${codex_a}\n",
    "byte order mark": b"\xef\xbb\xbfA=1\nB=2\n",
    "no UTF-8": b"A=1\nB=\xff\nC='x\n\xff\nD=2\n",
    "UTF-16": "A=1\nB=2\n".encode("utf-16"),
    "carriage returns": b"A=1\r\nB='2\r\n3'\r\n",
    "blank at the end": b"A=1\nB=2 ",
    "quirk of blanks": b"A=a  # it's\nB=1\nC='\nD=1\n",
    "name that ends at a quote": b'A="$B"\nC=1\n"\nD=2\n',
    "line feed escape": b'A="a\\nb"\nB=a\\tb\nC=a\\ b\n',
    "letters of other scripts": "A=$é-\nB=$²-\nC=$Ⅷ-\nD=$\u00a0x\n".encode(),
    "a large comment": b"#" + b"x" * (5 << 20) + b"\nA=1\n",
}
PIECES = [
    *"ab=  \t#'\"\\${}n\r\n_.1x\u00a0\u2003é", "export ", "\\n", "${", "$A", "${B", "${C}", "'", '"',
    "\v", "\x1c", "$CODEX_Q", "Ⅷ", "²",
]  # fmt: skip
NAMES = ("A", "B", "C", "k.1", "export K", "CODEX_Q", "codex_q", "export", "SHELL_ONLY")


def made(seed):
    """Return a document of odd lines."""
    dice = random.Random(seed)
    lines = []
    for number in range(80):
        name = dice.choice([*NAMES, f"K{number}", f"L{number}"])
        value = "".join(dice.choice(PIECES) for _ in range(dice.randrange(9)))
        begin = dice.choice(["", "", " ", "\t", "# ", "export ", "'\"\n"])
        lines.append(f"{begin}{name}{dice.choice(['=', '=', ' = ', '= ', ' ='])}{value}")
    data = "\n".join(lines).encode()
    return data.replace(b"x", b"\xff", 1) if dice.random() < 0.3 else data


@pytest.fixture
def environment(namespace, client):
    """Return what gives the client's environment with a document, and the client's exit code."""

    def ask(data):
        case = Case(home={".env": {"hex": data.hex()}}, env=BEFORE)
        done = namespace.run([client, *SANDBOX, "--", "/usr/bin/env", "-0"], case)
        pairs = (part.partition("=") for part in done["out"].split("\0") if "=" in part)
        return {name: value for name, _, value in pairs}, done["code"]

    return ask


def theirs(env):
    return {name: value for name, value in env.items() if not name.startswith(OWN)}


@pytest.mark.parametrize(
    "data",
    [*DOCUMENTS.values(), *(made(seed) for seed in range(12))],
    ids=[*DOCUMENTS, *map(str, range(12))],
)
def test_the_file_is_read_as_the_client_reads_it(data, environment):
    found, code = environment(data)

    loaded = parse_dotenv(io.BytesIO(data), BEFORE)

    assert 0 == code
    assert theirs(found) == theirs(
        {**BEFORE, **{assignment.name: assignment.value for assignment in loaded.assignments}}
    )


def test_a_value_with_nul_stops_the_client(environment):
    data = b"A=1\nB=x\0y\n"

    _, code = environment(data)

    assert code != 0
    assert 2 == parse_dotenv(io.BytesIO(data), BEFORE).stops
