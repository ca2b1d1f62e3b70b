"""What holds for every channel: the same bytes each time, read back whole, and no edit unseen."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rollout.drafts import drafts, example_of_both
from tipstaff_policy.errors import PolicyError
from tipstaff_rollout.artefacts.compiling import compile_policy
from tipstaff_rollout.channels import channel, channel_names
from tipstaff_rollout.model import ArtefactError, File
from tipstaff_rollout.payloads import choose_payloads
from tipstaff_rollout.proving import prove, render_artefact

EXAMPLES = {platform: example_of_both(platform) for platform in ("linux", "macos", "windows")}
WITH_DROP_IN = example_of_both(drop_ins=True)
PLAIN = ("policy",)
"""An artefact that is the author's own text: what else could it be held against?"""
SEVERAL = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def artefact(name):
    by = channel(name)
    return render_artefact(WITH_DROP_IN if "drop-in" in name else EXAMPLES[by.platform], by)


def carried(made, by):
    return {*choose_payloads(made, by.carries)}


@pytest.mark.parametrize("name", channel_names())
@given(st.data())
@SEVERAL
def test_what_is_read_back_is_what_was_carried(name, data):
    by = channel(name)
    draft, at_once = data.draw(drafts(platform=by.platform)), data.draw(st.booleans())
    drop_ins = data.draw(st.booleans())
    made = compile_policy(draft, at_once=at_once, drop_ins=drop_ins)
    if not carried(made, by):
        with pytest.raises(ArtefactError, match="this policy has nothing"):
            render_artefact(made, by)
        return

    files = render_artefact(made, by)

    assert files == render_artefact(compile_policy(draft, at_once=at_once, drop_ins=drop_ins), by)
    proof = prove(files)
    assert name == proof.channel
    assert carried(made, by) == {*proof.compiled.payloads}
    assert made[:3] == proof.compiled[:3]


@pytest.mark.parametrize("name", channel_names())
def test_an_artefact_names_its_policy_where_people_see_it(name):
    files, made = artefact(name), EXAMPLES[channel(name).platform]

    seen = b"".join(file.path.encode() + b"\n" + opened(file) for file in files)

    shown = (made.id, made.version, made.fingerprint)
    for text in shown[:2] if name in PLAIN else shown:
        assert text.encode() in seen, text


def opened(file):
    """Return a file's content, unpacked if it is packed."""
    import gzip
    import io
    import tarfile

    if file.data[:2] == b"\x1f\x8b":
        return gzip.decompress(file.data)
    if file.data.startswith(b"!<arch>"):
        start = file.data.index(b"control.tar.gz")
        size = int(file.data[start + 48 : start + 58])
        control = io.BytesIO(file.data[start + 60 : start + 60 + size])
        with tarfile.open(fileobj=control) as archive:
            return archive.extractfile("./control").read()
    return file.data.decode("utf-16").encode() if file.path.endswith(".reg") else file.data


@pytest.mark.parametrize("name", [module for module in channel_names() if module not in PLAIN])
@given(st.data())
@SEVERAL
def test_no_edit_of_an_artefact_is_taken_for_whole(name, data):
    files = list(artefact(name))
    number = data.draw(st.integers(0, len(files) - 1))
    one = files[number]
    place = data.draw(st.integers(0, len(one.data) - 1))
    edits = {
        "cut off": one.data[:place],
        "changed": one.data[:place] + bytes([one.data[place] ^ 1]) + one.data[place + 1 :],
        "inserted": one.data[:place] + b"x" + one.data[place:],
        "appended": one.data + b"\n",
    }
    kind = data.draw(st.sampled_from(sorted(edits)))
    files[number] = one._replace(data=edits[kind])

    with pytest.raises(PolicyError):
        prove(tuple(files))


@pytest.mark.parametrize("name", [module for module in channel_names() if module not in PLAIN])
def test_a_file_more_or_less_is_seen(name):
    files = artefact(name)

    with pytest.raises(PolicyError):
        prove((*files, File("zz", b"x")))
    if len(files) > 1:
        for file in files:
            with pytest.raises(PolicyError):
                prove(tuple(other for other in files if other != file))
