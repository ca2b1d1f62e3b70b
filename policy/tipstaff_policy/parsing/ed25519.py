"""Verifying an Ed25519 signature by the standard library, so that the guard alone can (RFC 8032).

For waivers, which are public: no secret passes here, so that nothing hangs on how long it takes.
A key or a signature that is not the one spelling of its numbers is refused.

Source: tests/policy/parsing/test_ed25519.py (the vectors of RFC 8032, and another implementation).
"""

from hashlib import sha512

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
KEY_BYTES, SIGNATURE_BYTES = 32, 64

Point = tuple[int, int, int, int]
"""Extended coordinates (RFC 8032, section 5.1.4)."""


def is_signed(message: bytes, signature: bytes, key: bytes) -> bool:
    """Return whether a signature over a message was made by the owner of a public key."""
    if len(signature) != SIGNATURE_BYTES or len(key) != KEY_BYTES:
        return False
    commitment = signature[:KEY_BYTES]
    scalar = int.from_bytes(signature[KEY_BYTES:], "little")
    owner = _point(key)
    if owner is None or scalar >= ORDER:
        return False
    digest = sha512(commitment + key + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    x, y, z, _ = owner
    inverse = (PRIME - x, y, z, (PRIME - x) * y % PRIME)
    return _encode_point(_sum(_times(scalar, BASE), _times(challenge, inverse))) == commitment


def _point(encoded: bytes) -> Point | None:
    """Return the point that 32 bytes stand for; None where they stand for none."""
    number = int.from_bytes(encoded, "little")
    y, sign = number & ((1 << 255) - 1), number >> 255
    x = _x_of(y, sign) if y < PRIME else None
    return None if x is None else (x, y, 1, x * y % PRIME)


def _x_of(y: int, sign: int) -> int | None:
    square = (y * y - 1) * pow(D * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        return None
    return PRIME - x if x & 1 != sign else x


def _sum(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c = 2 * p[3] * q[3] * D % PRIME
    d = 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def _times(scalar: int, point: Point) -> Point:
    result: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _sum(result, point)
        point = _sum(point, point)
        scalar >>= 1
    return result


def _encode_point(point: Point) -> bytes:
    inverse = pow(point[2], -1, PRIME)
    x, y = point[0] * inverse % PRIME, point[1] * inverse % PRIME
    return (y | (x & 1) << 255).to_bytes(KEY_BYTES, "little")


_BASE_Y = 4 * pow(5, -1, PRIME) % PRIME
_BASE_X = _x_of(_BASE_Y, 0) or 0
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % PRIME)
