"""`bcryptprimitives.dll` for a Wine that has none: its one function, forwarded to an older one.

Programs written in Rust ask it for random bytes. Wine has it from version 9 on. The library holds
a table of exports and no code: `ProcessPrng` is `SystemFunction036` of `advapi32`, which fills a
buffer of a given length likewise.
"""

import struct

NAME, FUNCTION, FORWARD = (
    b"bcryptprimitives.dll\0",
    b"ProcessPrng\0",
    b"advapi32.SystemFunction036\0",
)
SECTION, FILE_AT, ALIGNED = 0x1000, 0x200, 0x200


def library() -> bytes:
    """Return the file."""
    tables = 40 + 4 + 4 + 2
    names_at = SECTION + tables
    function_at, forward_at = names_at + len(NAME), names_at + len(NAME) + len(FUNCTION)
    exports = struct.pack(
        "<IIHHIIIIIII", 0, 0, 0, 0, names_at, 1, 1, 1, SECTION + 40, SECTION + 44, SECTION + 48
    )
    exports += struct.pack("<IIH", forward_at, function_at, 0) + NAME + FUNCTION + FORWARD
    head = b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0"
    # x86-64, one section, a library that can take large addresses
    head += struct.pack("<HHIIIHH", 0x8664, 1, 0, 0, 0, 240, 0x2022)
    head += struct.pack(
        "<HBBIIIIIQIIHHHHHHIIIIHHQQQQII",
        0x20B, 14, 0, 0, ALIGNED, 0, 0, SECTION, 0x180000000, 0x1000, ALIGNED, 6, 0, 0, 0, 6, 0, 0,
        SECTION * 2, FILE_AT, 0, 2, 0x160, 0x100000, 0x1000, 0x100000, 0x1000, 0, 16,
    )  # fmt: skip
    head += struct.pack("<II", SECTION, len(exports)) + bytes(8 * 15)
    head += struct.pack("<8sIIIIIIHHI", b".edata", len(exports), SECTION, ALIGNED, FILE_AT,
                        0, 0, 0, 0, 0x40000040)  # fmt: skip
    return head.ljust(FILE_AT, b"\0") + exports.ljust(ALIGNED, b"\0")
