"""The hosts that a file names as expected, as it spells them."""

import pytest

from tipstaff_fleet.answers.expected import ExpectedHost, parse_expected
from tipstaff_policy.errors import UsageError

FILES = {
    "names alone": (b"b\na\n", [("a", ""), ("b", "")]),
    "a header": (b"Host,Unit\na,sales\n", [("a", "sales")]),
    "spaces, another case, a mark of the encoding": (
        b"\xef\xbb\xbf  A-1 , Sales \r\n",
        [("a-1", "Sales")],
    ),
    "empty lines and comments": (b"\n# none\n  \na\n", [("a", "")]),
    "quotes": (b'"a","sales, north"\n', [("a", "sales, north")]),
    "the same line twice": (b"a,x\na,x\n", [("a", "x")]),
    "no last line end": (b"a\nb", [("a", ""), ("b", "")]),
}


@pytest.mark.parametrize(("data", "hosts"), FILES.values(), ids=FILES)
def test_a_line_is_a_host(data, hosts):
    found = parse_expected(data, "hosts.csv")

    assert [ExpectedHost(*host) for host in hosts] == list(found)
    assert len(hosts) == len(found)


BROKEN = {
    "two units": (b"a,x\n\na,y\n", "hosts.csv:3: a stands in two units"),
    "no name": (b"a\n,x\n", "hosts.csv:2: names no host"),
    "nothing": (b"# none\n", "hosts.csv names no host"),
    "no text": (b"a\n\xff\n", "hosts.csv is not UTF-8"),
    "a character that no text holds": (b"a\nb\0c\n", "hosts.csv:2: names no host"),
}


@pytest.mark.parametrize(("data", "why"), BROKEN.values(), ids=BROKEN)
def test_what_names_no_host_is_told_with_its_line(data, why):
    with pytest.raises(UsageError, match=f"^error: {why}"):
        parse_expected(data, "hosts.csv")
