"""What is signed rightly is read before it counts: a bad policy, an older one, odd places."""

import stat

import pytest

from support.artefacts.publishers import KEYS, POLICY, document
from tipstaff_policy.errors import (
    INTEGRITY_EXIT,
    INVALID_EXIT,
    USAGE_EXIT,
    PolicyError,
    TipstaffError,
)
from tipstaff_rollout.artefacts.compiling import Draft, compile_policy, fingerprint_of
from tipstaff_rollout.model import ArtefactError, Payload
from tipstaff_rollout.signing.errors import RolledBackError
from tipstaff_rollout.sync import deliverables
from tipstaff_rollout.sync.deliverables import delivery_of
from tipstaff_rollout.sync.publishing import require_newer

KEY_PLACE = "/etc/tipstaff/keys.json"
KEY_FILE = "/etc/tipstaff/fleet.key"


def stamped(version):
    return {
        payload.name: payload.data for payload in compile_policy(Draft(document(version))).payloads
    }


BAD = {
    "no policy": {"requirements": stamped(2)["requirements"]},
    "not TOML": {"policy": b"schema = 1\nid ="},
    "a newer schema": {"policy": b"schema = 2\n"},
    "a misspelt key": {"policy": document(2, 'login_methds = ["api"]\n')},
    "keys that are missing": {"policy": document(2, f'trusted_keys = "{KEY_PLACE}"\n')},
    "a file of another policy": {**stamped(2), "requirements": stamped(1)["requirements"]},
    "files of another policy": {**stamped(1), "policy": stamped(2)["policy"]},
    "a file without a stamp": {**stamped(2), "requirements": b"allowed_login_methods = []\n"},
    "a file that was edited": {**stamped(2), "requirements": stamped(2)["requirements"] + b"#"},
    "nothing": {},
}


def failing(endpoint):
    before = endpoint.files()
    with pytest.raises(TipstaffError) as caught:
        endpoint.sync()
    assert before == endpoint.files()
    return caught.value


@pytest.mark.parametrize("payloads", BAD.values(), ids=BAD)
def test_what_this_release_cannot_read_is_not_put_in_place(payloads, publisher, endpoint):
    endpoint.sync()
    publisher.release_raw(**payloads)

    assert INVALID_EXIT == failing(endpoint).exit_code

    publisher.release_raw(**stamped(3))
    assert "3" == endpoint.sync().policy.version


@pytest.mark.parametrize(
    "place",
    [
        "/etc/shadow",
        "/etc/shadow.json",
        "/etc/tipstaff/policy.toml",
        "/etc/tipstaff/policy.d/a.json",
        "/etc/tipstaff/../x.json",
        "/etc/tipstaff/sync-root.json",
        "C:\\\\keys.json",
    ],
)
def test_no_policy_chooses_what_is_written_over(place, publisher, endpoint):
    payloads = {"policy": document(2, f'trusted_keys = "{place}"\n'), "keys": KEYS}
    publisher.release_raw(**payloads)

    with pytest.raises(PolicyError):  # nor is it published by Tipstaff's own command
        delivery_of(tuple(Payload(*name_and_content) for name_and_content in payloads.items()))
    assert INVALID_EXIT == failing(endpoint).exit_code


def test_keys_lie_there_before_the_policy_names_them(publisher, endpoint):
    endpoint.sync()
    publisher.release(document(2, f'trusted_keys = "{KEY_PLACE}"\n'), KEYS)

    result = endpoint.sync()

    assert KEY_PLACE == result.changes[0].path
    assert KEYS == endpoint.files()[KEY_PLACE[1:]]
    assert () == result.faults


def test_the_fleets_key_lies_in_a_file_for_root_alone_and_in_no_document(publisher, endpoint):
    key = "a-made-up-key-of-a-fleet"
    endpoint.sync()
    publisher.release(document(2, f'fleet_key = "{key}"\n'))

    result = endpoint.sync()

    files = {name: data for name, data in endpoint.files().items() if key.encode() in data}
    assert (KEY_FILE, "written") == result.changes[0]
    assert {KEY_FILE[1:]: f"{key}\n".encode()} == files
    assert 0o600 == stat.S_IMODE((endpoint.root / KEY_FILE[1:]).stat().st_mode)
    assert 0o644 == stat.S_IMODE((endpoint.root / POLICY).stat().st_mode)


def test_a_key_that_others_can_read_is_taken_from_them_and_goes_with_the_policy(
    publisher, endpoint
):
    publisher.release(document(2, 'fleet_key = "a-made-up-key-of-a-fleet"\n'))
    endpoint.sync()
    place = endpoint.root / KEY_FILE[1:]
    place.chmod(0o644)

    restored = [change.action for change in endpoint.sync().changes if change.path == KEY_FILE]
    mode = stat.S_IMODE(place.stat().st_mode)
    publisher.release(document(3))
    endpoint.sync()

    assert ["restored"] == restored
    assert 0o600 == mode
    assert not place.exists()


def test_a_document_in_which_an_earlier_release_left_the_key_is_taken_as_it_is(publisher, endpoint):
    endpoint.sync()
    inline = document(2, 'fleet_key = "a-made-up-key-of-a-fleet"\n')
    publisher.release_raw(policy=inline)

    result = endpoint.sync()

    assert inline == endpoint.files()[POLICY]
    assert fingerprint_of(inline) == result.policy.fingerprint


def test_keys_of_another_platform_are_refused():
    mac = "/Library/Application Support/Tipstaff/keys.json"
    delivery = delivery_of(
        compile_policy(Draft(document(1, f'trusted_keys = "{mac}"\n'), KEYS)).payloads
    )

    assert mac == deliverables.place_files(delivery, "macos")[0][0]
    with pytest.raises(ArtefactError):
        deliverables.place_files(delivery, "linux")


@pytest.mark.parametrize("counter", ["", "counter = 6\n"])
def test_a_lower_counter_is_older_whoever_has_signed_it(counter, publisher, endpoint):
    publisher.release(document(2, "counter = 7\n"))
    endpoint.sync()
    publisher.release_raw(policy=document(1, counter))

    assert INTEGRITY_EXIT == failing(endpoint).exit_code
    assert document(2, "counter = 7\n") == endpoint.files()[POLICY]


def test_a_publisher_takes_no_lower_counter_either(publisher):
    publisher.release(document(2, "counter = 7\n"))
    older = delivery_of(compile_policy(Draft(document(1, "counter = 6\n"))).payloads)
    newer = delivery_of(compile_policy(Draft(document(3, "counter = 7\n"))).payloads)

    with pytest.raises(RolledBackError):
        require_newer(publisher.repository, older)
    require_newer(publisher.repository, newer)
    publisher.release_raw(policy=b"schema = 2\n")
    require_newer(publisher.repository, older)  # what nobody here reads tells no counter


def test_what_contradicts_a_fragment_of_the_host_is_told(publisher, endpoint):
    endpoint.sync()
    fragments = endpoint.root / "etc/tipstaff/policy.d"
    fragments.mkdir()
    (fragments / "10.toml").write_text('schema = 1\nlogin_methods = ["api"]\n')

    (fault,) = endpoint.sync().faults

    assert "login_methods" in fault.what


def test_a_further_file_is_not_looked_at(publisher, endpoint, monkeypatch):
    monkeypatch.setitem(deliverables.NAMES, "policy", "other.toml")
    publisher.release(document(2))
    monkeypatch.undo()

    assert INVALID_EXIT == failing(endpoint).exit_code


def without_root(endpoint):
    (endpoint.root / "etc/tipstaff/sync-root.json").unlink()
    settings = endpoint.run().settings._replace(root="")
    return {"settings": settings}


def test_the_root_that_is_given_once_is_kept(publisher, endpoint):
    given = without_root(endpoint)
    trust = (publisher.folder / "metadata/1.root.json").read_bytes()
    with pytest.raises(TipstaffError) as caught:
        endpoint.sync(**given)
    assert USAGE_EXIT == caught.value.exit_code

    endpoint.sync(**given, trust=trust)
    publisher.rotate("root")
    publisher.release(document(2))

    assert "2" == endpoint.sync(**given).policy.version


def test_a_root_that_never_led_to_a_policy_is_not_kept(publisher, endpoint, tmp_path):
    from support.artefacts.publishers import Publisher

    given = without_root(endpoint)
    stranger = Publisher(tmp_path / "stranger")
    trust = (stranger.folder / "metadata/1.root.json").read_bytes()
    with pytest.raises(TipstaffError):
        endpoint.sync(**given, trust=trust)

    with pytest.raises(TipstaffError) as caught:
        endpoint.sync(**given)
    assert USAGE_EXIT == caught.value.exit_code


@pytest.mark.parametrize("name", ["etc/tipstaff/sync-root.json", "etc/tipstaff/ca.pem"])
def test_what_others_could_change_is_not_gone_by(name, endpoint):
    (endpoint.root / name).chmod(0o666)

    with pytest.raises(PolicyError):
        endpoint.sync()


def test_a_state_that_others_could_change_is_not_gone_by(endpoint):
    endpoint.sync()
    (endpoint.root / "var/lib/tipstaff").chmod(0o777)

    with pytest.raises(PolicyError):
        endpoint.sync()
