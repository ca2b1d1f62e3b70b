"""No text for a person has words that a first reader had to guess at."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
GUESSED_AT = (
    "three in the morning",
    "know no such thing",
    "nobody is named whom",
    "alone would not",
    "and held at",
    'still fails"',
    "applies no longer",
    "reported only before",
    "told nobody to ask",
    "Only the service can settle",
    "nothing is left open",
    "whether the units run: it does not",
    "as the policy wants it",
    "whose time is over",
    'lies ahead"',
    "root's alone",
    "No run stands twice",
    "no host is in both",
    "none of the organisation's;",
    "is hidden and stays stored",
    "Nobody is known to be missing",
)
PLACES = ("cli", "policy", "reports", "rollout", "docs", "examples", "README.md")
LEFT_OUT = ("docs/adr/",)
"""Decision records stay as they were written."""


@pytest.fixture(scope="module")
def texts():
    files = subprocess.run(
        ["git", "ls-files", *PLACES], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    readable = (".py", ".md", ".sh", ".ps1", ".toml")
    kept = [file for file in files if file.endswith(readable) and not file.startswith(LEFT_OUT)]
    return {file: (ROOT / file).read_text("utf-8") for file in kept if (ROOT / file).exists()}


@pytest.mark.parametrize("words", GUESSED_AT)
def test_no_text_has_words_that_a_first_reader_had_to_guess_at(words, texts):
    assert [] == [file for file, text in texts.items() if words in text]


def test_the_texts_are_looked_at(texts):
    assert any("tipstaff audit" in text for text in texts.values())


@pytest.mark.parametrize(
    "words", ["install tipstaff\n", "install tipstaff ", "--upgrade tipstaff", "'tipstaff["]
)
def test_no_text_installs_a_package_from_an_index_that_has_none_of_this_name(words, texts):
    assert [] == [file for file, text in texts.items() if words in text]
