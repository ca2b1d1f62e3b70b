"""What another administrator has written is merged, or left and named; it is kept, and given back."""

import tomllib

import pytest

from support.artefacts.publishers import MANAGED, REQUIREMENTS, document
from tipstaff_policy.errors import INVALID_EXIT, TipstaffError
from tipstaff_rollout.sync.applying import Change

OTHERS = """\
# mine
allowed_sandbox_modes = ["read-only"]
allowed_login_methods = ["chatgpt"]

[mcp_servers.x]
command = "x"
"""
BEFORE = ".before-tipstaff"


@pytest.fixture
def foreign(endpoint):
    """A host on which another administrator has written requirements."""
    place = endpoint.root / REQUIREMENTS
    place.parent.mkdir(parents=True)
    place.write_text(OTHERS)
    place.chmod(0o640)
    return place


def action(result, path=REQUIREMENTS):
    return next(change.action for change in result.changes if change.path == f"/{path}")


def test_the_keys_of_both_lie_there_afterwards_and_the_file_is_kept(endpoint, foreign):
    assert "merged" == action(endpoint.sync())

    found = tomllib.loads(foreign.read_text())
    ours = tomllib.loads(document(1).decode())
    assert {**found, **tomllib.loads(OTHERS)} == found
    assert ours["login_methods"] == found["allowed_login_methods"]
    kept = foreign.with_name(foreign.name + BEFORE)
    assert OTHERS == kept.read_text()
    assert 0o640 == kept.stat().st_mode & 0o777


def test_a_second_run_changes_nothing_and_a_newer_policy_keeps_the_keys(
    publisher, endpoint, foreign
):
    endpoint.sync()
    assert {"unchanged"} == {change.action for change in endpoint.sync().changes}
    publisher.release(document(2, 'stores = ["file"]\n'))

    assert "written" == action(endpoint.sync())
    found = tomllib.loads(foreign.read_text())
    assert "file" == found["cli_auth_credentials_store"]
    assert ["read-only"] == found["allowed_sandbox_modes"]


CLASHES = {
    "another value": ('x = 1\nallowed_login_methods = ["api"]\n', "allowed_login_methods", 2),
    "a table in its place": ("[allowed_login_methods]\nx = 1\n", "allowed_login_methods.x", 2),
}


@pytest.mark.parametrize(("text", "key", "line"), CLASHES.values(), ids=CLASHES)
def test_what_contradicts_is_left_and_named_with_its_line(endpoint, foreign, text, key, line):
    foreign.write_text(text)
    before = endpoint.files()

    with pytest.raises(TipstaffError) as caught:
        endpoint.sync()

    assert INVALID_EXIT == caught.value.exit_code
    assert f"{key} at /{REQUIREMENTS}:{line}" in caught.value.what
    assert before == endpoint.files()


def test_what_is_no_document_is_left_unless_it_may_be_replaced(endpoint, foreign):
    foreign.write_text("x = [")
    with pytest.raises(TipstaffError, match="cannot be merged"):
        endpoint.sync()

    assert "replaced" == action(endpoint.sync(replace=True))
    assert "x = [" == foreign.with_name(foreign.name + BEFORE).read_text()


def test_a_link_is_left_too(endpoint, foreign):
    foreign.rename(endpoint.root / "etc/mine.toml")
    foreign.symlink_to("/etc/mine.toml")

    with pytest.raises(TipstaffError, match="no regular file"):
        endpoint.sync()
    assert foreign.is_symlink()


def test_keys_that_others_could_have_written_do_not_become_the_administrators(endpoint, foreign):
    foreign.chmod(0o666)

    assert "replaced" == action(endpoint.sync())
    assert "allowed_sandbox_modes" not in foreign.read_text()


def test_a_copy_that_is_there_is_never_written_over(endpoint, foreign):
    kept = foreign.with_name(foreign.name + BEFORE)
    kept.write_text("first")

    with pytest.raises(TipstaffError, match="a copy of an earlier file"):
        endpoint.sync(replace=True)
    assert "first" == kept.read_text()
    assert OTHERS == foreign.read_text()


def test_what_was_there_before_is_given_back_when_the_policy_has_no_such_file(publisher, endpoint):
    place = endpoint.root / MANAGED
    place.parent.mkdir(parents=True)
    place.write_text("x = 1\n")
    endpoint.sync()
    publisher.release(document(2, 'login_methods = ["chatgpt", "api"]\n'))

    assert Change(f"/{MANAGED}", "given back") in endpoint.sync().changes
    assert "x = 1\n" == place.read_text()
    assert not place.with_name(place.name + BEFORE).exists()


def test_a_file_that_took_the_place_of_ours_is_not_removed(publisher, endpoint):
    endpoint.sync()
    (endpoint.root / MANAGED).write_text("x = 1\n")
    publisher.release(document(2, 'login_methods = ["chatgpt", "api"]\n'))

    assert Change(f"/{MANAGED}", "left") in endpoint.sync().changes
    assert "x = 1\n" == (endpoint.root / MANAGED).read_text()


def test_a_dry_run_says_what_would_be_merged(endpoint, foreign):
    assert "merged" == action(endpoint.sync(dry_run=True))
    assert OTHERS == foreign.read_text()
