"""Keys of a publisher, as The Update Framework takes them: from files, or behind a program."""

from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import load_pem_public_key, load_ssh_public_key
from securesystemslib.exceptions import UnverifiedSignatureError, VerificationError
from securesystemslib.signer import CryptoSigner, Key, SecretsHandler, Signature, Signer, SSlibKey

from tipstaff_policy.errors import BadSignatureError, UsageError
from tipstaff_rollout.signing.keys import PrivateKey, is_public_line, require_strong

PUBLIC_KEY = "a public key: a line of OpenSSH (`ssh-keygen -t ed25519` writes a .pub file), or PEM"
SHOWN = 12
"""Characters of a key's id that are enough for people to distinguish keys."""


class ProgramSigner(Signer):
    """Signs by a program that holds the key: a token, an HSM, a service."""

    def __init__(self, public: Key, run: Callable[[bytes], bytes]) -> None:
        self._public = public
        self._run = run

    @property
    def public_key(self) -> Key:
        """Return the key by which its signatures hold."""
        return self._public

    @classmethod
    def from_priv_key_uri(
        cls, priv_key_uri: str, public_key: Key, secrets_handler: SecretsHandler | None = None
    ) -> Signer:
        """Refuse: a program has no address."""
        del priv_key_uri, public_key, secrets_handler
        raise UsageError("a program is named by --sign-cmd")

    def sign(self, payload: bytes) -> Signature:
        """Return the program's signature, which is verified before it counts."""
        return Signature(self._public.keyid, self._run(payload).hex())


def public_key(data: bytes, path: str) -> Key:
    """Return the public key in a file.

    Raises:
        UsageError: It holds none, or one that proves nothing.
    """
    try:
        load = load_ssh_public_key if is_public_line(data) else load_pem_public_key
        return SSlibKey.from_crypto(require_strong(load(data)))
    except ValueError:  # its cause could quote a private key
        raise UsageError("holds no usable public key", where=path, expected=PUBLIC_KEY) from None


def key_signer(private: PrivateKey) -> Signer:
    """Return who signs by a private key."""
    return CryptoSigner(private, SSlibKey.from_crypto(private.public_key()))


def signature(signer: Signer, payload: bytes) -> Signature:
    """Return a signature that holds.

    Raises:
        BadSignatureError: The signer gave something else.
    """
    made = signer.sign(payload)
    try:
        signer.public_key.verify_signature(made, payload)
    except (UnverifiedSignatureError, VerificationError) as error:
        raise BadSignatureError(
            f"the signer gave no signature of the key {show_name(signer.public_key)}",
            expected="the plain signature of its input: 64 bytes for Ed25519",
            remedy="nothing was written",
        ) from error
    return made


def show_name(key: Key) -> str:
    """Return the name of a key for people."""
    return f"{key.keyid[:SHOWN]} ({key.scheme})"
