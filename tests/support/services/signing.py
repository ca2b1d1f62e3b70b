"""Keys of an issuer, made for each run, and tokens signed by them."""

import json
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt import PyJWS
from jwt.algorithms import OKPAlgorithm, get_default_algorithms

MAKERS = {
    "RS": lambda: rsa.generate_private_key(65537, 2048),
    "PS": lambda: rsa.generate_private_key(65537, 2048),
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "ES384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "ES512": lambda: ec.generate_private_key(ec.SECP521R1()),
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "Ed448": ed448.Ed448PrivateKey.generate,
}
FULLY_NAMED = ("Ed25519", "Ed448")
"""RFC 9864, which the library does not know."""


class Issuer:
    """One key of an issuer."""

    def __init__(self, kid, algorithm="RS256"):
        self.kid, self.algorithm = kid, algorithm
        self.private = (MAKERS.get(algorithm[:2]) or MAKERS[algorithm])()

    def jwk(self, **more):
        """Return the public key as JWK; a value None takes a member out."""
        fully_named = self.algorithm in FULLY_NAMED
        algorithm = get_default_algorithms()["EdDSA" if fully_named else self.algorithm]
        key = algorithm.to_jwk(self.private.public_key(), as_dict=True)
        key.pop("key_ops", None)
        key = {**key, "kid": self.kid, "use": "sig", **more}
        return json.dumps({name: value for name, value in key.items() if value is not None})

    def sign(self, claims, **headers):
        """Return a token; ``kid=None`` leaves the key's name out."""
        headers = {"kid": self.kid, **headers}
        headers = {name: value for name, value in headers.items() if value is not None}
        signer = PyJWS()
        if self.algorithm in FULLY_NAMED:
            signer.register_algorithm(self.algorithm, OKPAlgorithm())
        return signer.encode(json.dumps(claims).encode(), self.private, self.algorithm, headers)


@cache
def issuer(kid, algorithm="RS256"):
    """Return the same key for the same name throughout a run."""
    return Issuer(kid, algorithm)


def jwks(*keys):
    return json.dumps({"keys": [json.loads(key) for key in keys]})
