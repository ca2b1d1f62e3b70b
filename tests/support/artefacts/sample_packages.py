"""Packages for tests: one as a person would write it, and any that the formats can hold."""

import posixpath

from hypothesis import strategies as st

from tipstaff_rollout.packages.model import Need, Package, Scripts, folder, link, regular

PACKAGE = Package(
    name="sample",
    version="1.2",
    summary="something to install",
    description="Some words.\n\nAnd some more, of which one is ä.",
    maintainer="Sample Makers <makers@example.com>",
    licence="Apache-2.0",
    copyright="Copyright 2026 Sample Makers; Apache-2.0, see /usr/share/common-licenses/Apache-2.0",
    architecture="all",
    changes="the first one",
    entries=(
        folder("/usr/lib/sample"),
        regular("/usr/lib/sample/words", b"one\ntwo\n" * 20_000),
        regular("/usr/lib/sample/empty", b""),
        regular("/usr/lib/sample/run", b"#!/bin/sh\n", executable=True),
        link("/usr/lib/sample/latest", "words"),
    ),
)
SCRIPTS = Scripts(*(f"echo {when} $1 >>/log\n" for when in Scripts._fields))
NEEDS = (Need("coreutils"), Need("python3", "3.11"))

NAMES = st.from_regex(r"[a-zA-Z0-9._ äß-]{1,20}", fullmatch=True).filter(
    lambda name: name not in {".", ".."}
)
PATHS = st.lists(NAMES, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


def _fitting(paths):
    return tuple(
        path
        for path in paths
        if not any(posixpath.commonpath([path, other]) == path for other in paths if other != path)
    )


@st.composite
def any_entries(draw):
    """Entries that can lie side by side."""
    paths = _fitting(draw(st.sets(PATHS, min_size=1, max_size=6)))
    kinds = st.one_of(
        st.builds(
            lambda data, executable: lambda path: regular(path, data, executable=executable),
            st.binary(max_size=2000),
            st.booleans(),
        ),
        st.builds(lambda target: lambda path: link(path, target), NAMES),
        st.just(folder),
    )
    return tuple(draw(kinds)(path) for path in paths)
