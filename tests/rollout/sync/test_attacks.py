"""The attacks that The Update Framework names, each tried on a real connection.

Source: The Update Framework specification 1.0.34, section 1.5.2. "Extraneous dependencies" has
nothing to attack: what is delivered depends on nothing, and only four names are looked for.
"""

import pytest
from tuf.api.metadata import MetaFile

from support.artefacts.publishers import (
    POLICY,
    Endpoint,
    Publisher,
    document,
    endless,
    failed,
    mirroring,
    policy_file,
)
from tipstaff_policy.errors import INTEGRITY_EXIT, UNEVALUATED_EXIT, TipstaffError
from tipstaff_rollout.sync import publishing

FIRST, SECOND, THIRD = (document(number) for number in (1, 2, 3))
FAR = 2**31


def edited_file(publisher, mirror):
    mirror.answers[policy_file(publisher)] = THIRD.replace(b"chatgpt", b"chatgpT")


def edited_metadata(publisher, mirror):
    signed = (publisher.folder / "metadata/3.targets.json").read_bytes()
    mirror.answers["/metadata/3.targets.json"] = signed.replace(b'"length":', b'"length":1', 1)


def other_keys(publisher, mirror):
    stranger = Publisher(publisher.folder.with_name("stranger"))
    for number in (1, 2, 3, 4):
        stranger.release(document(number))
    mirror.folder = stranger.folder


def old_timestamp(publisher, mirror):
    mirror.answers["/metadata/timestamp.json"] = publisher.former["timestamp.json"]


def old_snapshot_by_a_stolen_key(publisher, mirror):
    by = publisher.keys["timestamp"]
    mirror.answers["/metadata/timestamp.json"] = publisher.forged(
        "timestamp", by, version=4, snapshot_meta=MetaFile(1)
    )


def old_targets_by_stolen_keys(publisher, mirror):
    mirror.answers["/metadata/timestamp.json"] = publisher.forged(
        "timestamp", publisher.keys["timestamp"], version=4, snapshot_meta=MetaFile(4)
    )
    mirror.answers["/metadata/4.snapshot.json"] = publisher.forged(
        "snapshot", publisher.keys["snapshot"], version=4, meta={"targets.json": MetaFile(1)}
    )


def old_root(publisher, mirror):
    mirror.answers["/metadata/2.root.json"] = (
        publisher.folder / "metadata/1.root.json"
    ).read_bytes()


def root_by_untrusted_key(publisher, mirror):
    stranger = Publisher(publisher.folder.with_name("stranger"))
    stranger.rotate("root")
    mirror.answers["/metadata/2.root.json"] = (
        stranger.folder / "metadata/2.root.json"
    ).read_bytes()


def mixed_snapshot(publisher, mirror):
    mirror.answers["/metadata/3.snapshot.json"] = publisher.former["1.snapshot.json"]


def mixed_targets(publisher, mirror):
    mirror.answers["/metadata/3.targets.json"] = publisher.former["1.targets.json"]


def mixed_file(publisher, mirror):
    mirror.answers[policy_file(publisher)] = SECOND


def another_role(publisher, mirror):
    mirror.answers["/metadata/3.targets.json"] = publisher.forged(
        "snapshot", publisher.keys["targets"], version=3
    )


def endless_metadata(publisher, mirror):
    mirror.answers["/metadata/timestamp.json"] = endless


def endless_root(publisher, mirror):
    mirror.answers["/metadata/2.root.json"] = endless


def endless_file(publisher, mirror):
    mirror.answers[policy_file(publisher)] = endless


def no_metadata(publisher, mirror):
    mirror.answers["/metadata/timestamp.json"] = b"<html>not here</html>"


def nothing_there(publisher, mirror):
    mirror.folder = publisher.folder / "no such folder"


def broken_server(publisher, mirror):
    mirror.answers["/metadata/2.root.json"] = lambda request: request.send_error(500)


UNTRUSTED = {
    "arbitrary software: a file": edited_file,
    "arbitrary software: metadata": edited_metadata,
    "wrong keys": other_keys,
    "rollback of the timestamp": old_timestamp,
    "rollback of the snapshot": old_snapshot_by_a_stolen_key,
    "rollback of the root": old_root,
    "a root that the former one's keys have not signed": root_by_untrusted_key,
    "mix and match: snapshot": mixed_snapshot,
    "mix and match: targets": mixed_targets,
    "mix and match: a file": mixed_file,
    "metadata of another role": another_role,
    "endless data: metadata": endless_metadata,
    "endless data: root": endless_root,
    "endless data: a file": endless_file,
    "an answer that is no metadata": no_metadata,
}
NOT_HAD = {"nothing there": nothing_there, "a broken server": broken_server}
ROWS = {name: (act, INTEGRITY_EXIT) for name, act in UNTRUSTED.items()} | {
    name: (act, UNEVALUATED_EXIT) for name, act in NOT_HAD.items()
}


@pytest.mark.parametrize(("act", "code"), ROWS.values(), ids=ROWS)
def test_an_attack_changes_nothing_and_ends_with_the_attacker(
    act, code, released, mirror, endpoint
):
    before = endpoint.files()
    honest = mirror.folder
    act(released, mirror)

    assert code == failed(endpoint)
    assert before == endpoint.files()

    mirror.answers.clear()
    mirror.folder = honest
    assert "3" == endpoint.sync().policy.version
    assert THIRD == (endpoint.root / POLICY).read_bytes()


def test_stolen_keys_of_snapshot_and_timestamp_bring_back_no_old_policy(released, mirror, endpoint):
    before = endpoint.files()
    old_targets_by_stolen_keys(released, mirror)

    assert INTEGRITY_EXIT == failed(endpoint)
    assert before == endpoint.files()

    mirror.answers.clear()
    for role in ("snapshot", "timestamp"):
        released.rotate(role)
    assert "3" == endpoint.sync().policy.version


def test_fast_forward_ends_with_the_rotation_of_the_stolen_keys(released, mirror, endpoint):
    mirror.answers["/metadata/timestamp.json"] = released.forged(
        "timestamp", released.keys["timestamp"], version=FAR, snapshot_meta=MetaFile(FAR)
    )
    mirror.answers[f"/metadata/{FAR}.snapshot.json"] = released.forged(
        "snapshot",
        released.keys["snapshot"],
        version=FAR,
        meta={"targets.json": MetaFile(FAR)},
    )
    assert UNEVALUATED_EXIT == failed(endpoint)  # there are no such targets
    mirror.answers.clear()
    assert INTEGRITY_EXIT == failed(endpoint)  # and what is honest now seems old

    for role in ("snapshot", "timestamp"):
        released.rotate(role)
    result = endpoint.sync()

    assert "3" == result.policy.version
    assert max(version for _, version in result.downloaded.versions) < FAR


def test_keys_below_the_threshold_deliver_nothing(tmp_path, authority):
    publisher = Publisher(tmp_path / "site", threshold=2)
    publisher.release(SECOND)
    trust = (publisher.folder / "metadata/1.root.json").read_bytes()
    with mirroring(publisher, authority) as mirror:
        endpoint = Endpoint(tmp_path / "host", authority, trust, mirror.url)
        endpoint.sync()
        thief = [keys[0] for keys in publisher.keys.values()]
        stolen = publisher.work([*thief, *publisher.keys["snapshot"], *publisher.keys["timestamp"]])
        targets = publisher.repository.read_published("targets").signed.targets
        mirror.answers = {
            "/metadata/2.targets.json": publisher.forged("targets", thief, version=2, targets={}),
            "/metadata/2.snapshot.json": publisher.forged(
                "snapshot", stolen.signers, version=2, meta={"targets.json": MetaFile(2)}
            ),
            "/metadata/timestamp.json": publisher.forged(
                "timestamp", stolen.signers, version=2, snapshot_meta=MetaFile(2)
            ),
        }

        assert targets
        assert INTEGRITY_EXIT == failed(endpoint)
        assert SECOND == (endpoint.root / POLICY).read_bytes()


@pytest.mark.parametrize("role", ["timestamp", "snapshot", "targets", "root"])
def test_frozen_metadata_is_refused_when_it_has_expired(role, released, mirror, endpoint):
    old = released.work()._replace(days={**publishing.DAYS, role: -1})
    publishing.refresh(old, [role])
    assert publishing.advance(old)
    before = endpoint.files()

    with pytest.raises(TipstaffError) as caught:
        endpoint.sync()

    assert INTEGRITY_EXIT == caught.value.exit_code
    assert before == endpoint.files()
    assert "has expired" in caught.value.what
    fresh = released.work()
    publishing.refresh(fresh, [role])
    publishing.advance(fresh)
    assert "3" == endpoint.sync().policy.version
