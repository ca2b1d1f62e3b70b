"""A user's keychain by a fake of `/usr/bin/security`, whose exit codes are the documented ones."""

import pytest

from support.machines.fake_mac import FakeKeychain
from tipstaff_policy.system.mac import asking, keychain
from tipstaff_policy.system.secret_service import Entry, KeyringError

ENTRY = Entry("Codex Auth", "cli|0123456789abcdef")
SECRET = '{"OPENAI_API_KEY": "canary-of-a-secret-Q7x"}'


@pytest.fixture
def fake(tmp_path, monkeypatch):
    return FakeKeychain(tmp_path / "keychain", monkeypatch)


@pytest.fixture
def filled(fake):
    fake.add(*ENTRY, SECRET)
    return fake


def error_of(act):
    with pytest.raises(KeyringError) as raised:
        act()
    return raised.value


def test_no_entry_is_none(fake):
    assert keychain.read_secret(ENTRY, prompts=True) is None


def test_an_entry_is_read_once_the_person_allows_it(filled):
    assert SECRET == keychain.read_secret(ENTRY, prompts=True)


def test_whether_there_is_an_entry_is_asked_without_its_secret(filled):
    assert keychain.is_there(ENTRY) is True
    assert ["-w" in call.split() for call in filled.calls()] == [False]


def test_what_another_program_made_is_not_read_without_the_person(filled):
    error = error_of(lambda: keychain.read_secret(ENTRY, prompts=False))

    assert error.there is True
    assert not any("-w" in call.split() for call in filled.calls())


def test_what_security_made_is_read_without_the_person_while_the_keychain_is_open(fake):
    fake.add(*ENTRY, SECRET, made_by_security=True)

    assert SECRET == keychain.read_secret(ENTRY, prompts=False, made_by_security=True)


@pytest.mark.parametrize("unlocked", [False, None])
def test_a_keychain_that_is_not_known_to_be_open_is_not_asked_without_the_person(unlocked, fake):
    fake.add(*ENTRY, SECRET, made_by_security=True)
    fake.opens(unlocked=unlocked)

    error_of(lambda: keychain.read_secret(ENTRY, prompts=False, made_by_security=True))

    assert not any("-w" in call.split() for call in fake.calls())


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("locked", "no window can ask"),
        ("51", "its password was wrong"),
        ("dismissed", "its window was dismissed"),
        ("50", "is no keychain that can be opened"),
        ("53", "no keychain is available"),
        ("99", "exit code 99"),
    ],
)
def test_a_locked_keychain_is_unreadable_and_never_empty(state, says, filled):
    filled.state(state)

    error = error_of(lambda: keychain.read_secret(ENTRY, prompts=True))

    assert says in error.what
    assert error.there is True


def test_a_window_that_no_one_answers_is_given_up(filled):
    filled.state("open", window="silent")

    error = error_of(lambda: keychain.read_secret(ENTRY, prompts=True))

    assert "within its time limit" in error.what


def test_a_program_that_is_not_there_is_unreadable(fake, monkeypatch):
    monkeypatch.setattr(keychain, "SECURITY", "/nonexistent/security")

    assert "cannot be asked" in error_of(lambda: keychain.is_there(ENTRY)).what


def test_a_program_that_others_could_change_is_unreadable(filled, monkeypatch):
    monkeypatch.setattr(keychain, "ask_program", asking.ask_program)
    (filled.folder / "security").chmod(0o777)

    assert "others could change it" in error_of(lambda: keychain.is_there(ENTRY)).what


def test_an_entry_is_removed(filled):
    keychain.remove(ENTRY, every=False)

    assert [] == filled.entries()


def test_an_entry_that_is_not_there_is_removed_already(fake):
    keychain.remove(ENTRY, every=True)


def test_no_other_entry_is_removed(filled):
    filled.add("Codex Auth", "cli|other", SECRET)

    keychain.remove(ENTRY, every=True)

    assert ["Codex Auth/cli|other"] == filled.entries()


def test_a_removal_from_a_locked_keychain_is_an_error(filled):
    filled.state("locked")

    error_of(lambda: keychain.remove(ENTRY, every=False))

    assert 1 == len(filled.entries())


@pytest.mark.parametrize(
    "act",
    [lambda: keychain.read_secret(ENTRY, prompts=True), lambda: keychain.remove(ENTRY, every=True)],
)
def test_no_secret_is_in_the_words_of_a_program(act, filled):
    act()

    assert [] == [call for call in filled.calls() if "canary" in call]


def test_no_answer_shows_a_secret_by_its_representation(filled):
    answer = asking._run(
        (filled.program, "find-generic-password", "-w", "-s", *ENTRY[:1], "-a", ENTRY[1]), 5
    )

    assert b"canary" in answer.out
    assert "canary" not in repr(answer)


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ('{"a": "\u00e9"}', '{"a": "\u00e9"}'.encode().hex()),
        ("deadbeef", "deadbeef"),
        ("31", "31"),
        ("", ""),
        (SECRET, SECRET),
    ],
)
def test_what_is_shown_in_hexadecimal_is_read_as_it_is_kept(kept, shown):
    assert kept == keychain._text(shown.encode())


def test_bytes_that_are_no_text_are_unreadable():
    assert error_of(lambda: keychain._text(b"\xff")).there is True


@pytest.mark.parametrize(
    ("name", "has"), [("Aqua", True), ("Background", False), ("System", False)]
)
def test_a_session_with_a_screen_is_one(name, has, fake):
    fake.session(name)

    assert has is keychain.has_session()


@pytest.fixture
def daemon(fake, tmp_path):
    """Let nothing be in a session; the account has one keychain."""
    fake.session("System")
    (tmp_path / "login.keychain-db").touch()
    fake.lists(tmp_path / "login.keychain-db")
    return fake


def test_without_a_session_a_keychain_that_is_named_shows_that_there_is_none(daemon):
    assert keychain.is_there_without_session(ENTRY) is False


def test_without_a_session_each_keychain_is_named(daemon, tmp_path):
    keychain.is_there_without_session(ENTRY)

    assert daemon.calls()[-1].endswith(f" {tmp_path}/login.keychain-db")


def test_without_a_session_an_entry_is_there_and_its_secret_unread(daemon):
    daemon.add(*ENTRY, SECRET)

    error = error_of(lambda: keychain.require_none_without_session(ENTRY))

    assert ("cannot be read: no session", True) == (error.what, error.there)
    assert not any("-w" in call.split() for call in daemon.calls())


def test_a_list_of_keychains_that_cannot_be_read_says_nothing(fake):
    error = error_of(lambda: keychain.is_there_without_session(ENTRY))

    assert error.there is None


def test_an_account_without_a_keychain_has_no_entry(fake):
    fake.lists("/nonexistent/login.keychain-db")

    assert keychain.is_there_without_session(ENTRY) is False


def test_a_person_who_closed_the_window_is_not_asked_again_at_once(filled):
    filled.state("open", window="dismissed")
    error_of(lambda: keychain.read_secret(ENTRY, prompts=True))
    filled.state("open", window="allowed")

    error = error_of(lambda: keychain.read_secret(ENTRY, prompts=True))

    assert error.there is True
    assert 1 == sum("-w" in call.split() for call in filled.calls())


def test_a_person_who_closed_the_window_is_asked_again_later(filled, monkeypatch):
    monkeypatch.setattr(keychain, "SILENCE_S", -1)
    filled.state("open", window="dismissed")
    error_of(lambda: keychain.read_secret(ENTRY, prompts=True))
    filled.state("open", window="allowed")

    assert SECRET == keychain.read_secret(ENTRY, prompts=True)
