"""What looks like a credential is never shown, and stays comparable with itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.parsing.masks import HIDDEN, mask_text, mask_words

LONG = "0123456789abcdefghij" * 3
HIDES = {
    "a key": "sk-x",
    "an access token": "at-x",
    "a web token": "eyJx",
    "the prefix alone": "sk-",
    "something long": LONG[:41],
    "something long with points": ".".join(["abcdefgh"] * 6),
    "white space around it": "  sk-x\t",
    "a prefix within": "org:sk-x",
}
SHOWS = {
    "nothing": "",
    "a workspace": "0e5c2f0a-6f3f-4c4e-9a73-1f2f4c1f5b11",
    "a name": "ws-example",
    "a word with the letters inside": "task-force",
    "an address": "https://chatgpt.com/backend-api/",
    "a sentence": "people of the department for health and safety",
}


@pytest.mark.parametrize("text", HIDES.values(), ids=HIDES)
def test_what_looks_like_a_credential_is_not_shown(text):
    assert text.strip() not in mask_text(text)
    assert mask_text(text).strip().startswith(HIDDEN[:-1])


@pytest.mark.parametrize("text", SHOWS.values(), ids=SHOWS)
def test_what_is_none_stays_as_it_is(text):
    assert text == mask_text(text)
    assert text == mask_words(text)


ADDRESSES = {
    "a login": ("https://u:p@x/path", "https://[not shown]@x/path"),
    "a name": ("https://u@x", "https://[not shown]@x"),
    "a password with a slash": ("https://u:p/q@x", "https://[not shown]@x"),
    "no scheme": ("//u:p@x", "//[not shown]@x"),
    "a key in the query": (f"https://x/?k={LONG}&n=1", f"https://x/?k={HIDDEN}&n=1"),
    "a key in the path": ("https://x/sk-12345678/a", f"https://x/{HIDDEN}/a"),
    "in a sentence": ("see https://u:p@x, please", "see https://[not shown]@x, please"),
}


@pytest.mark.parametrize(("text", "message"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_shown_without_its_login(text, message):
    assert message == mask_text(text)
    assert message == mask_words(text)


def test_a_login_before_a_host_without_a_scheme_is_not_shown():
    assert "[not shown]@x" == mask_text("u:p@x")


def test_a_list_in_one_text_stays_a_list():
    assert 2 == len(mask_text("sk-a,ws-b").split(","))
    assert "ws-b" == mask_text("sk-a,ws-b").split(",")[1]


@pytest.mark.parametrize("name", ["at-work", "sk-team", "my-task-force"])
def test_a_name_by_which_things_are_looked_up_stays(name):
    assert name == mask_words(name)


TEXTS = st.text(st.sampled_from("sk-atyeJx ,\t@:/") | st.characters(codec="utf-8"), max_size=50)


@given(TEXTS, TEXTS)
def test_texts_are_shown_alike_exactly_where_they_are_alike(one, other):
    def plain(text):
        return "@" not in text and "//" not in text and HIDDEN[:-1] not in text

    if plain(one) and plain(other):
        assert (one == other) == (mask_text(one) == mask_text(other))


@given(TEXTS)
def test_what_was_shown_once_is_shown_no_differently_again(text):
    assert mask_text(mask_text(text)) == mask_text(text)
