"""SHA-256 without OpenSSL gives what the usual library gives."""

import hashlib
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from tipstaff_policy.parsing.sha256 import sha256


@given(st.binary())
def test_a_digest_is_that_of_the_usual_library(data):
    assert hashlib.sha256(data).hexdigest() == sha256(data).hexdigest()


def test_a_digest_is_the_same_where_python_has_no_code_of_its_own():
    script = """
import sys
sys.modules["_sha256"] = sys.modules["_sha2"] = None
from tipstaff_policy.parsing.sha256 import sha256
print(sha256(b"abc").hexdigest())
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert f"{sha256(b'abc').hexdigest()}\n" == done.stdout
