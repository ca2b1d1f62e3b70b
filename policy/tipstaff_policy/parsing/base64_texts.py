"""Find base64 texts in a file: with either alphabet, padded or not, wrapped or indented.

All of it is linear in the bytes, whatever they are.
Source: RFC 4648; tests/policy/parsing/test_encoded.py.
"""

import base64
import binascii
import re
from collections.abc import Iterator

SHORTEST = 24
"""Characters below which a piece of base64 is not looked into: it could hold no login."""
STANDARD = bytes.maketrans(b"-_", b"+/")
NOISE = b" \t\r\n\\\"'"
"""What stands between the lines of one text that was wrapped, in files and in source."""
PIECE = rb"[A-Za-z0-9+/_-]"
ENDS = rb"[ \t\r\"'\\]*\n[ \t\"']*"
"""Between two lines: the end of the first, and how the second is indented or quoted."""
RUN = re.compile(
    rb"%b{%d,}(?:(?:%b|(?:\\r)?\\n)%b+)*" % (PIECE, SHORTEST, ENDS, PIECE),
)
LETTERS = re.compile(rb"[^A-Za-z0-9+/]")


def encodings(secret: bytes) -> tuple[bytes, ...]:
    """Return what of a text is the same in every base64 that holds it, for `without_wrapping`.

    There are three, because a text can begin at each of three places of a group.
    """
    found = []
    for before in range(3):
        text = base64.b64encode(bytes(before) + secret)
        # Of the characters at both ends only those count that no neighbour has a part in.
        first = -(-before * 8 // 6)
        last = (before + len(secret)) * 8 // 6
        found.append(text[first:last])
    return tuple(found)


def without_wrapping(data: bytes) -> bytes:
    """Return bytes in the standard alphabet, without what wraps one text into several lines."""
    return data.replace(b"\\r", b"").replace(b"\\n", b"").translate(STANDARD, NOISE)


def decode_texts(data: bytes) -> Iterator[bytes]:
    """Give what each piece of base64 in a file stands for."""
    for found in RUN.finditer(data):
        plain = found[0].replace(b"\\r", b"").replace(b"\\n", b"").translate(STANDARD)
        text = LETTERS.sub(b"", plain)
        whole = text[: len(text) - (len(text) % 4 == 1)]
        try:
            yield binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
        except binascii.Error:
            continue
