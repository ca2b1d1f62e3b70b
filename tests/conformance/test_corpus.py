"""What the real client did on recorded random hosts, held against Tipstaff without the client.

Recorded by `make campaign CLIENT=x.y.z RECORD=…`, a file a version. The hosts are laid out as images, where keyrings are not seen;
those hosts are left to the campaign itself.
"""

import gzip
import json
import os
import random
import shutil
from pathlib import Path

import pytest

from conformance import generator
from conformance.campaign import compare, disagree
from conformance.engine import request_of
from tipstaff_policy.clients import load_client
from tipstaff_policy.clients.codex.credentials.stored_credentials import environment_credentials
from tipstaff_policy.clients.codex.versions import PROVEN, behaviour_of, version_number

CORPORA = {
    path.name.removeprefix("corpus-").removesuffix(".jsonl.gz"): path
    for path in sorted(Path(__file__).parent.glob("corpus-*.jsonl.gz"))
}
HOME, CWD = "mnt/host/home/.codex", "mnt/host/cwd"
LEAST_JUDGED = {"0.169.0": 2000}
FEWEST = 300
SAMPLE = 40


def lay_out(root, case):
    shutil.rmtree(root, ignore_errors=True)
    for folder, files in (("etc/codex", case["etc"]), (HOME, case["home"]), (CWD, case["cwd"])):
        (root / folder).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            place = Path(os.path.normpath(root / folder / name))
            place.parent.mkdir(parents=True, exist_ok=True)
            write(place, {"text": content} if isinstance(content, str) else content)


def write(place, content):
    if "link" in content:
        place.symlink_to(content["link"])
    elif "directory" in content:
        place.mkdir()
    elif "hex" in content:
        place.write_bytes(bytes.fromhex(content["hex"]))
    else:
        place.write_text(content["text"], "utf-8")


def decided(root, case, version):
    flags = [f"{root}{flag}" if flag.startswith("/mnt") else flag for flag in case["flags"]]
    request = request_of(flags, case["entry_point"], version, {}, str(root / CWD))
    request = request._replace(system_root=str(root), client_home=str(root / HOME))
    client = load_client("codex")
    state = client.read_state(request)
    federation = behaviour_of(version).federation
    variables = environment_credentials(case["env"], None, federation)
    return client.decide(state._replace(credentials=(*variables, *state.credentials)))


def test_every_proven_version_is_recorded():
    assert [version_number(corpus) for corpus in CORPORA] == list(PROVEN)


@pytest.mark.parametrize("version", CORPORA)
def test_the_recorded_client_is_agreed_with(version, tmp_path):
    judged, wrong = 0, []
    with gzip.open(CORPORA[version], "rt", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            recorded = json.loads(line)
            lay_out(tmp_path / "host", recorded["case"])
            found = decided(tmp_path / "host", recorded["case"], version)
            if found.verdict == "unknown":
                continue
            judged += 1
            if (recorded["verdict"], recorded["removes"]) != (found.verdict, sorted(found.removes)):
                wrong.append((number, recorded["verdict"], found.verdict))

    assert [] == wrong
    assert judged >= LEAST_JUDGED.get(version, FEWEST)


@pytest.mark.rest
def test_a_fresh_sample_agrees(namespace, client):
    """Forty hosts that were never seen; a failure names the seed that makes them again."""
    seed = int.from_bytes(os.urandom(4))
    source = random.Random(seed)
    cases = [generator.case(source) for _ in range(SAMPLE)]

    found = [(*compare(namespace, client, case), generator.as_text(case)) for case in cases]

    assert [] == [compared for compared in found if disagree(*compared[:2])], f"seed {seed}"
