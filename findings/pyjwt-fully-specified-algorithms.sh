#!/bin/sh
# PyJWT and the fully specified algorithm names of RFC 9864 (October 2025).
#
# RFC 9864 gives the Edwards curves names of their own: a token says "alg":"Ed25519" where it said
# "EdDSA" before, and asks issuers to prefer the new names. The signature is the same, byte by byte.
# Seen with PyJWT 2.15.1 and cryptography 46.0.3, 2026-11-30:
#   - "EdDSA" signs and verifies;
#   - "Ed25519" is refused by encode (NotImplementedError), and a token that says so is refused by
#     decode (InvalidAlgorithmError) although its signature verifies by the key's own method;
#   - a JWK with "alg":"Ed25519" cannot be made into a key by PyJWK (PyJWKError).
# So a verifier that reports "not signed by a trusted key" for such a token accuses a good login.
# Run: sh findings/pyjwt-fully-specified-algorithms.sh     (ends with 1 where this has changed)
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check 'pyjwt==2.15.1' 'cryptography==46.0.3'
"$folder/venv/bin/python" - <<'PY'
import base64
import json
import sys

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def outcome(act):
    try:
        act()
    except Exception as error:
        return type(error).__name__
    return "accepted"


def part(value):
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


key = Ed25519PrivateKey.generate()
public = key.public_key()
head = part(json.dumps({"alg": "Ed25519", "typ": "JWT"}).encode())
body = part(json.dumps({"sub": "a"}).encode())
signature = key.sign(f"{head}.{body}".encode())
public.verify(signature, f"{head}.{body}".encode())
token = f"{head}.{body}.{part(signature)}"
jwk = {"kty": "OKP", "crv": "Ed25519", "x": part(public.public_bytes_raw())}
old = jwt.encode({"sub": "a"}, key, algorithm="EdDSA")
seen = {
    "decode, EdDSA": outcome(lambda: jwt.decode(old, public, algorithms=["EdDSA"])),
    "encode, Ed25519": outcome(lambda: jwt.encode({"sub": "a"}, key, algorithm="Ed25519")),
    "decode, Ed25519": outcome(lambda: jwt.decode(token, public, algorithms=["Ed25519", "EdDSA"])),
    "JWK, EdDSA": outcome(lambda: jwt.PyJWK({**jwk, "alg": "EdDSA"})),
    "JWK, Ed25519": outcome(lambda: jwt.PyJWK({**jwk, "alg": "Ed25519"})),
}
for name, found in seen.items():
    print(f"{name}: {found}")
expected = ["accepted", "NotImplementedError", "InvalidAlgorithmError", "accepted", "PyJWKError"]
sys.exit(0 if [*seen.values()] == expected else 1)
PY
