"""Keys and certificates that sign artefacts, made for each run."""

import datetime as dt
import subprocess
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

NOW = 1_800_000_000
DAY = 86400
MAKERS = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "short": lambda: rsa.generate_private_key(65537, 1024),
    "ec": lambda: ec.generate_private_key(ec.SECP256R1()),
    "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "p521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate,
}
ENDS_ON = x509.KeyUsage(True, False, False, False, False, False, False, False, False)
CIPHERS = x509.KeyUsage(False, False, True, False, False, False, False, False, False)


class Holder:
    """A signer with a key and a certificate."""

    def __init__(self, name, kind="ec", *, by=None, ca=False, days=(-1, 30), usage=None):
        self.private = MAKERS[kind]()
        issuer = by or self
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        public = self.private.public_key()
        since, until = (
            dt.datetime.fromtimestamp(NOW + day * DAY, dt.UTC).replace(tzinfo=None) for day in days
        )
        made = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(since)
            .not_valid_after(until)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )
        if usage:
            made = made.add_extension(usage, critical=True)
        self.certificate = made.sign(issuer.private, SHA256())

    def pem(self):
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, passphrase=None):
        how = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, how)


@cache
def holder(name):
    """Return the same holder for the same name throughout a run."""
    made = {
        "root": lambda: Holder("root", "rsa", ca=True),
        "between": lambda: Holder("between", by=holder("root"), ca=True),
        "signer": lambda: Holder("signer", "rsa", by=holder("root"), usage=ENDS_ON),
        "below": lambda: Holder("below", by=holder("between")),
        "stranger": lambda: Holder("stranger"),
        "strange root": lambda: Holder("root", ca=True),
        "expired": lambda: Holder("expired", by=holder("root"), days=(-9, -2)),
        "early": lambda: Holder("early", by=holder("root"), days=(2, 9)),
        "under nobody": lambda: Holder("under nobody", by=holder("below")),
        "of an expired root": lambda: Holder("x", by=holder("expired root")),
        "expired root": lambda: Holder("expired root", ca=True, days=(-9, -2)),
        "signing root": lambda: Holder("s", by=holder("root"), ca=True, usage=ENDS_ON),
        "of a signer": lambda: Holder("of a signer", by=holder("signing root")),
        "cipher": lambda: Holder("cipher", by=holder("root"), usage=CIPHERS),
        "short": lambda: Holder("short", "short", by=holder("root")),
        "p384": lambda: Holder("p384", "p384", by=holder("root")),
        "p521": lambda: Holder("p521", "p521", by=holder("root")),
    }
    return made[name]()


def ssh_key(folder, name, kind="ed25519", passphrase=""):
    """Let ssh-keygen make a key; return the private file, the public one next to it."""
    bits = {"rsa": ["-b", "2048"]}.get(kind, [])
    words = ["ssh-keygen", "-q", "-t", kind, *bits, "-N", passphrase, "-C", name]
    subprocess.run([*words, "-f", folder / name], check=True)
    return folder / name
