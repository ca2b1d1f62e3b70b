"""An external signer: for a key in an HSM, a keychain or an agent, which no file holds.

It is started without a shell, gets what is to be signed on its input and gives the signature on
its output: a CMS message in DER, or an armoured SSH signature. What it says on its error output,
and what it asks on the terminal, is between it and the person.
"""

import shlex
import subprocess

from tipstaff_policy.errors import UsageError
from tipstaff_rollout.signing.errors import SignerError

TIME_LIMIT_S = 120.0
"""Long enough for a person to touch a key and type its PIN."""
LARGEST = 1 << 24


def words_of(command: str) -> tuple[str, ...]:
    """Return a command's words, by the quotes of a shell and nothing else of it.

    Raises:
        UsageError: There are none, or a quote is not closed.
    """
    try:
        words = tuple(shlex.split(command))
    except ValueError as error:
        raise UsageError("the signer's command has an open quote") from error
    if not words:
        raise UsageError("the signer's command is empty", expected="a program and its words")
    return words


def run_signer(words: tuple[str, ...], content: bytes, time_limit_s: float = TIME_LIMIT_S) -> bytes:
    """Return what a signer gives for content; nothing is known of it yet.

    Raises:
        SignerError: It could not be started, failed, gave nothing or far too much, or did not
            end in time.
    """
    program = words[0]
    try:
        done = subprocess.run(  # noqa: S603 - the person's own command, without a shell
            words, check=False, input=content, stdout=subprocess.PIPE, timeout=time_limit_s
        )
    except OSError as error:
        raise _make_error(f"{program} cannot be started: {error.strerror}") from error
    except subprocess.TimeoutExpired:  # its cause would show the content
        raise _make_error(
            f"{program} did not end within {time_limit_s:g} s and was killed"
        ) from None
    if done.returncode:
        raise _make_error(f"{program} failed with exit code {done.returncode}")
    if not 0 < len(done.stdout) <= LARGEST:
        raise _make_error(f"{program} gave {len(done.stdout)} bytes")
    return done.stdout


def _make_error(what: str) -> SignerError:
    return SignerError(
        what,
        expected="a signature on its output, exit code 0",
        remedy="run it by hand with the file as its input; nothing was written",
    )
