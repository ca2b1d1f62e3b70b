"""An external signer: what it gives, and what becomes of one that fails."""

import sys

import pytest

from tipstaff_policy.errors import UsageError
from tipstaff_rollout.signing.command import run_signer, words_of
from tipstaff_rollout.signing.errors import SignerError

UPPER = "import sys; sys.stdout.write(sys.stdin.read().upper())"


def python(code):
    return (sys.executable, "-c", code)


def test_it_gets_the_content_and_gives_the_signature():
    assert b"CONTENT" == run_signer(python(UPPER), b"content")


def test_no_shell_reads_the_command():
    words = words_of("sh -c 'cat; echo $1' x '$(id); `id`'")

    assert ("sh", "-c", "cat; echo $1", "x", "$(id); `id`") == words
    assert b"a$(id); `id`\n" == run_signer(words, b"a")


FAILS = {
    "it fails": ("import sys; print('x'); sys.exit(3)", "exit code 3"),
    "it gives nothing": ("pass", "0 bytes"),
    "it is killed": ("import os; os.kill(os.getpid(), 9)", "exit code -9"),
}


@pytest.mark.parametrize(("code", "what"), FAILS.values(), ids=FAILS)
def test_a_signer_that_fails_is_told_with_its_reason(code, what):
    with pytest.raises(SignerError, match=what) as found:
        run_signer(python(code), b"content")
    assert 4 == found.value.exit_code


def test_a_signer_that_reads_nothing_may_still_sign():
    assert b"x" == run_signer(python("import sys; sys.stdin.close(); print(end='x')"), b"c" * 10**6)


def test_a_signer_that_hangs_is_killed():
    with pytest.raises(SignerError, match=r"within 0\.2 s") as found:
        run_signer(python("import time; time.sleep(600)"), b"content", 0.2)
    assert None is found.value.__cause__


def test_a_signer_that_does_not_exist_is_told():
    with pytest.raises(SignerError, match="No such file"):
        run_signer(("/nonexistent/signer",), b"content")


def test_what_it_says_on_its_error_output_is_passed_on(capfd):
    run_signer(python("import sys; sys.stderr.write('touch the key'); print()"), b"")

    assert "touch the key" == capfd.readouterr().err


@pytest.mark.parametrize("command", ["", "  ", "sign 'x"])
def test_a_command_that_is_none_is_refused(command):
    with pytest.raises(UsageError):
        words_of(command)
