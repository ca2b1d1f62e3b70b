"""Profiles inside CMS: OpenSSL takes what is made here, and here what OpenSSL makes is taken."""

import hashlib
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import (
    PKCS7Options,
    PKCS7SignatureBuilder,
)
from hypothesis import given
from hypothesis import strategies as st

from support.artefacts.signers import DAY, NOW, holder
from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_rollout.signing import certificates, cms
from tipstaff_rollout.signing.ber import OCTET_STRING, Element, parse

CONTENT = b'<?xml version="1.0"?>\n<plist>\r\n\t<dict/>\n</plist>\n'


def openssl(*words, data=b""):
    done = subprocess.run(
        ["openssl", *map(str, words)], input=data, capture_output=True, check=False
    )
    return done.returncode, done.stdout


def signed(name="signer", *chain, content=CONTENT):
    one = holder(name)
    return cms.sign(
        content, one.private, [holder(holder_name).certificate for holder_name in (name, *chain)]
    )


def trusted(*names, data, now=NOW):
    opened = cms.open_message(data)
    certificates.require_trusted(opened, [holder(name).certificate for name in names], now)
    return opened.content


@pytest.fixture
def files(tmp_path):
    """Return a folder with the keys and certificates of everybody who signs."""
    for name in ("root", "between", "signer", "below", "stranger", "p384"):
        (tmp_path / f"{name}.pem").write_bytes(holder(name).pem())
        (tmp_path / f"{name}.key").write_bytes(holder(name).key_pem())
    (tmp_path / "content").write_bytes(CONTENT)
    return tmp_path


BY = {
    "RSA": ("signer",),
    "ECDSA, with an authority between": ("below", "between"),
    "ECDSA on P-384": ("p384",),
}


@pytest.mark.parametrize("names", BY.values(), ids=BY)
def test_openssl_verifies_what_is_signed_here(names, files):
    words = ("-CAfile", files / "root.pem", "-purpose", "any", "-attime", NOW)

    done = openssl("cms", "-verify", "-inform", "DER", *words, data=signed(*names))

    assert (0, CONTENT) == done


def openssl_signs(files, name, *words):
    signer = ("-signer", files / f"{name}.pem", "-inkey", files / f"{name}.key")
    front = ("cms", "-sign", "-binary", "-in", files / "content", *signer, "-outform", "DER")
    code, data = openssl(*front, *words)
    assert 0 == code
    return data


MADE = {
    "definite lengths": ("signer", "-nodetach"),
    "indefinite lengths, content in pieces": ("signer", "-nodetach", "-stream"),
    "the signer by the key's identifier": ("signer", "-nodetach", "-keyid"),
    "SHA-384": ("signer", "-nodetach", "-md", "sha384"),
    "SHA-512": ("signer", "-nodetach", "-md", "sha512"),
    "ECDSA": ("p384", "-nodetach"),
}


@pytest.mark.parametrize("words", MADE.values(), ids=MADE)
def test_what_openssl_signs_is_verified_here(words, files):
    data = openssl_signs(files, *words)

    assert cms.is_message(data)
    assert CONTENT == trusted("root", data=data)


REFUSED = {
    "detached": ("signer",),
    "no signed attributes": ("signer", "-nodetach", "-noattr"),
    "SHA-1": ("signer", "-nodetach", "-md", "sha1"),
    "without its certificate": ("signer", "-nodetach", "-nocerts"),
    "RSA-PSS": ("signer", "-nodetach", "-keyopt", "rsa_padding_mode:pss"),
    "another kind of content": ("signer", "-nodetach", "-econtent_type", "1.2.3.4"),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_verified_is_refused(words, files):
    with pytest.raises(BadSignatureError):
        cms.open_message(openssl_signs(files, *words))


def test_two_signers_are_refused(files):
    more = ("-signer", files / "p384.pem", "-inkey", files / "p384.key")

    with pytest.raises(BadSignatureError, match="2 signers"):
        cms.open_message(openssl_signs(files, "signer", "-nodetach", *more))


TRUSTED = {
    "the certificate itself": (("signer",), ("signer",)),
    "its authority": (("signer",), ("root",)),
    "the authority's authority": (("below", "between"), ("root",)),
    "an authority between that is trusted itself": (("below",), ("between",)),
    "one of several": (("signer",), ("stranger", "root")),
    "a certificate that nobody issued": (("stranger",), ("stranger",)),
}


@pytest.mark.parametrize(("names", "by"), TRUSTED.values(), ids=TRUSTED)
def test_a_signer_is_trusted_by_a_certificate_that_leads_to_it(names, by):
    assert CONTENT == trusted(*by, data=signed(*names))


UNTRUSTED = {
    "nobody is trusted": (("signer",), ()),
    "a stranger": (("stranger",), ("root",)),
    "another authority of the same name": (("signer",), ("strange root",)),
    "the authority between is missing": (("below",), ("root",)),
    "expired": (("expired",), ("root",)),
    "expired, and trusted itself": (("expired",), ("expired",)),
    "not yet valid": (("early",), ("root",)),
    "of an expired authority": (("of an expired root",), ("expired root",)),
    "issued by one that is no authority": (("under nobody", "below", "between"), ("root",)),
    "issued by a key that is not for certificates": (("of a signer", "signing root"), ("root",)),
    "a key that is not for signatures": (("cipher",), ("root",)),
}


@pytest.mark.parametrize(("names", "by"), UNTRUSTED.values(), ids=UNTRUSTED)
def test_any_other_signer_is_not_trusted(names, by):
    with pytest.raises(BadSignatureError, match="the certificate of CN="):
        trusted(*by, data=signed(*names))


def test_the_moment_is_the_one_that_is_given():
    with pytest.raises(BadSignatureError, match="valid from"):
        trusted("root", data=signed(), now=NOW + 40 * DAY)


def test_a_key_that_is_too_short_proves_nothing():
    with pytest.raises(BadSignatureError, match="1024 bits"):
        cms.open_message(signed("short"))


def test_a_certificate_of_another_key_is_refused():
    with pytest.raises(UsageError, match="another key"):
        cms.sign(CONTENT, holder("signer").private, [holder("root").certificate])


def edited(data, before, after):
    assert 1 == data.count(before)
    return data.replace(before, after)


def test_edited_content_is_found():
    with pytest.raises(BadSignatureError, match="edited after it was signed"):
        cms.open_message(edited(signed(), b"<dict/>", b"<dicT/>"))


@pytest.mark.parametrize("name", ["signer", "p384"])
def test_an_edited_digest_is_found(name):
    other = CONTENT.replace(b"dict", b"dicT")
    old, new = (hashlib.sha256(content).digest() for content in (CONTENT, other))

    with pytest.raises(BadSignatureError, match="key of its certificate"):
        cms.open_message(edited(edited(signed(name), old, new), b"<dict/>", b"<dicT/>"))


ATTRIBUTES = (1, 0, -1, 0, 3)
SIGNATURE = (1, 0, -1, 0, 5)
KIND = (1, 0, 2, 0)
"""Where the parts of a message stand."""


def part(element, place):
    return part(element.parts[place[0]], place[1:]) if place else element


def replaced(element, place, new):
    if not place:
        return new
    parts = list(element.parts)
    parts[place[0]] = replaced(parts[place[0]], place[1:], new)
    return element._replace(parts=tuple(parts))


def forged(change):
    """Return a message with other attributes, which its signer has signed."""
    whole = parse(signed("stranger"))
    attributes = change(part(whole, ATTRIBUTES))
    made = holder("stranger").private.sign(attributes.encode(cms.SET), ECDSA(SHA256()))
    whole = replaced(whole, ATTRIBUTES, attributes)
    return replaced(whole, SIGNATURE, Element(OCTET_STRING, made)).encode()


def without(name):
    """Return a change that takes an attribute away."""
    return lambda found: found._replace(
        parts=tuple(other_part for other_part in found.parts if other_part.parts[0].content != name)
    )


def of_other_content(found):
    data = found.encode().replace(cms.DATA, cms.SIGNED_DATA)
    return parse(data)


FORGED = {
    "no digest": without(cms.MESSAGE_DIGEST),
    "no kind of content": without(cms.CONTENT_TYPE),
    "another kind of content": of_other_content,
    "a digest twice": lambda found: found._replace(parts=found.parts + found.parts[-1:]),
    "in another place": lambda found: found._replace(tag=0xA1),
}


@pytest.mark.parametrize("change", FORGED.values(), ids=FORGED)
def test_attributes_that_are_not_as_they_must_be_are_refused(change):
    assert CONTENT == cms.open_message(forged(lambda found: found)).content
    assert cms.MESSAGE_DIGEST in part(parse(signed("stranger")), ATTRIBUTES).parts[-1].encode()

    with pytest.raises(BadSignatureError):
        cms.open_message(forged(change))


def test_content_of_another_kind_is_refused():
    kind = Element(cms.OBJECT_IDENTIFIER, cms.SIGNED_DATA)

    with pytest.raises(BadSignatureError, match="something else than data"):
        cms.open_message(replaced(parse(signed()), KIND, kind).encode())


def test_a_padding_that_is_not_verified_here_is_refused():
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
    one = holder("signer")
    made = PKCS7SignatureBuilder().set_data(CONTENT)
    made = made.add_signer(one.certificate, one.private, SHA256(), rsa_padding=pss)

    with pytest.raises(BadSignatureError, match="PKCS #1"):
        cms.open_message(made.sign(Encoding.DER, [PKCS7Options.Binary]))


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80, 0xFF])
def test_every_byte_that_is_changed_is_found_or_changes_nothing(flip):
    data = signed("stranger")
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :]
        try:
            found = trusted("stranger", data=changed)
        except BadSignatureError:
            continue
        assert CONTENT == found, at


def test_cut_off_anywhere_it_is_refused():
    data = signed("stranger")
    for length in range(len(data)):
        with pytest.raises(BadSignatureError):
            cms.open_message(data[:length])
    with pytest.raises(BadSignatureError):
        cms.open_message(data + b"\0")


@given(st.binary(max_size=200) | st.binary(max_size=60).map(lambda tail: b"0\x80\x06" + tail))
def test_any_bytes_are_refused_with_a_reason(data):
    with pytest.raises(BadSignatureError, match="cannot be verified"):
        cms.open_message(data)


def test_a_deep_nest_is_refused():
    with pytest.raises(BadSignatureError, match="too deep"):
        cms.open_message(b"0\x80" * 5000)


def test_the_parts_of_a_message_are_encoded_as_they_were():
    data = signed("below", "between")

    assert data == parse(data).encode()


def test_a_name_with_control_characters_is_shown_without_them():
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a\n\x1b[31mb")])

    assert certificates.printable(name.rfc4514_string()).isprintable()
