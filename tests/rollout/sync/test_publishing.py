"""A release is published whole, when everybody has signed whose signature it takes."""

import datetime as dt
import shutil

import pytest
from securesystemslib.signer import CryptoSigner

from support.artefacts.publishers import Endpoint, Publisher, document, mirroring
from tipstaff_policy.errors import BadSignatureError, IntegrityError, UsageError
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy, fingerprint_of
from tipstaff_rollout.sync import publishing, repository
from tipstaff_rollout.sync.deliverables import delivery_of
from tipstaff_rollout.sync.repository import ROLES
from tipstaff_rollout.sync.signers import ProgramSigner
from tipstaff_rollout.sync.standing import standing_of

from .test_applying import killed_at


@pytest.fixture
def pair(tmp_path):
    """A publisher whose every role takes two signatures."""
    made = Publisher(tmp_path / "pair", threshold=2)
    made.release(document(1))
    return made


def versions(publisher):
    return {role.role: role.version for role in standing_of(publisher.repository)}


def waiting(publisher):
    return {role.role for role in standing_of(publisher.repository) if role.draft}


def signers(publisher, number, roles=ROLES):
    return [publisher.keys[role][number] for role in roles]


def drafted(publisher, version, by):
    work = publisher.work(by)
    publishing.add(work, delivery_of(compile_policy(Draft(document(version))).payloads))
    return publishing.advance(work)


def test_nothing_is_published_before_the_last_signature(pair):
    before = {path: path.read_bytes() for path in (pair.folder / "metadata").iterdir()}

    assert () == drafted(pair, 2, signers(pair, 0))
    assert () == publishing.advance(pair.work(signers(pair, 0)))
    assert before == {path: path.read_bytes() for path in (pair.folder / "metadata").iterdir()}
    assert {"targets"} == waiting(pair)

    assert ("targets 2", "snapshot 2", "timestamp 2") == publishing.advance(pair.work())
    assert set() == waiting(pair)


def test_people_sign_one_after_another_and_the_server_last(pair):
    drafted(pair, 2, [pair.keys["targets"][0]])
    publishing.advance(pair.work([pair.keys["targets"][1]]))
    assert {"targets", "snapshot", "timestamp"} == waiting(pair)

    publishing.advance(pair.work(signers(pair, 0, ROLES[2:])))
    released = publishing.advance(pair.work(signers(pair, 1, ROLES[2:])))

    assert ("targets 2", "snapshot 2", "timestamp 2") == released


def test_what_is_published_is_kept_fresh_while_a_release_waits(pair):
    drafted(pair, 2, signers(pair, 0))
    work = pair.work([*signers(pair, 0, ROLES[2:]), *signers(pair, 1, ROLES[2:])])
    publishing.refresh(work, ROLES[2:])

    assert ("snapshot 2", "timestamp 2") == publishing.advance(work)
    assert {"targets"} == waiting(pair)
    assert ("targets 2", "snapshot 3", "timestamp 3") == publishing.advance(pair.work())


def test_a_newer_draft_takes_the_place_of_one_that_waits(pair):
    drafted(pair, 2, signers(pair, 0))
    drafted(pair, 3, signers(pair, 1))
    shown = next(role for role in standing_of(pair.repository) if role.role == "targets")

    assert fingerprint_of(document(3)) == shown.policy
    assert () == publishing.advance(pair.work(signers(pair, 1)))
    assert publishing.advance(pair.work())


def test_a_new_root_takes_the_former_and_the_new_keys(pair):
    old, new = pair.keys["root"], [CryptoSigner.generate_ed25519() for _ in range(2)]
    publishing.rotate(
        pair.work(new),
        "root",
        add=[key.public_key for key in new],
        remove=[key.public_key.keyid for key in old],
        threshold=None,
    )

    assert () == publishing.advance(pair.work(new))
    assert [(2, 2)] == [
        (missing, len(keys)) for missing, keys in publishing.needs(pair.repository, "root")
    ]
    assert () == publishing.advance(pair.work(old[:1]))
    assert ("root 2",) == publishing.advance(pair.work(old))


@pytest.mark.parametrize("role", ROLES)
def test_hosts_follow_every_rotation(role, publisher, endpoint):
    endpoint.sync()

    publisher.rotate(role)
    assert endpoint.sync().downloaded.payloads
    publisher.release(document(2))

    assert "2" == endpoint.sync().policy.version
    assert set() == waiting(publisher)


def test_what_a_role_had_signed_is_signed_anew_by_its_new_keys(publisher):
    for role in ROLES[1:]:
        publisher.rotate(role)

    assert {"root": 4, "targets": 2, "snapshot": 3, "timestamp": 4} == versions(publisher)


@pytest.mark.parametrize(
    "change",
    [{"remove": ["zz"]}, {"remove": [""]}, {"threshold": 3}, {"threshold": 0}],
)
def test_a_rotation_that_leaves_no_role_is_refused(change, publisher):
    given = {"add": [], "remove": [], "threshold": None, **change}

    with pytest.raises(UsageError):
        publishing.rotate(publisher.work(), "targets", **given)
    assert set() == waiting(publisher)


def test_a_folder_is_begun_once(publisher):
    wanted = {role: publishing.RoleWanted((publisher.keys[role][0].public_key,)) for role in ROLES}

    with pytest.raises(UsageError):
        publishing.begin(publisher.work(), wanted)
    with pytest.raises(UsageError):
        repository.open_repository(publisher.folder / "metadata")


def test_a_file_that_was_changed_before_the_last_signature_is_not_published(pair):
    drafted(pair, 2, signers(pair, 0))
    digest = fingerprint_of(document(2)).removeprefix("sha256:")
    (pair.folder / f"targets/{digest}.policy.toml").write_bytes(document(3))

    with pytest.raises(IntegrityError):
        publishing.advance(pair.work())
    assert 1 == pair.repository.read_published("targets").signed.version


def test_a_program_signs_and_only_its_good_signature_counts(publisher):
    holder = CryptoSigner.generate_ed25519()
    publishing.rotate(
        publisher.work(), "timestamp", add=[holder.public_key], remove=[], threshold=3
    )
    good = ProgramSigner(
        holder.public_key, lambda content: bytes.fromhex(holder.sign(content).signature)
    )
    bad = ProgramSigner(holder.public_key, lambda _: b"x" * 64)
    publishing.advance(publisher.work())

    with pytest.raises(BadSignatureError):
        publishing.advance(publisher.work([bad]))
    assert ("root 2", "timestamp 2") == publishing.advance(publisher.work([good]))


def test_killed_at_any_step_of_publishing_the_next_run_publishes_it(publisher, endpoint, tmp_path):
    endpoint.sync()
    keys = publisher.work().signers
    kept = tmp_path / "kept"
    shutil.copytree(publisher.folder, kept)
    for step in range(100):
        shutil.rmtree(publisher.folder)
        shutil.copytree(kept, publisher.folder)

        lived = killed_at(step, lambda: drafted(publisher, 2, keys), publisher.folder)
        drafted(publisher, 3, keys)

        newest = {role: publisher.repository.read_published(role).signed for role in ROLES}
        assert set() == waiting(publisher), step
        assert newest["targets"].version == newest["snapshot"].meta["targets.json"].version, step
        assert newest["snapshot"].version == newest["timestamp"].snapshot_meta.version, step
        if lived:
            break

    assert lived
    assert "3" == endpoint.sync().policy.version


def test_old_metadata_is_good_no_longer(publisher):
    later = publisher.work().now + dt.timedelta(days=8)

    expired = {role.role for role in standing_of(publisher.repository) if role.is_expired(later)}

    assert {"timestamp"} == expired


def test_a_folder_moves_to_another_server(publisher, authority, tmp_path):
    with mirroring(publisher, authority) as first:
        trust = (publisher.folder / "metadata/1.root.json").read_bytes()
        endpoint = Endpoint(tmp_path / "moving", authority, trust, first.url)
        endpoint.sync()
    publisher.release(document(2))
    with mirroring(publisher, authority) as second:
        endpoint.url = second.url

        assert "2" == endpoint.sync().policy.version
