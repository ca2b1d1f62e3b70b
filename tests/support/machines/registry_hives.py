"""Hives, the files in which Windows keeps its registry, as small as they can be."""

import struct


class Hive:
    """Writes the file in which Windows keeps a part of its registry."""

    def __init__(self):
        self.cells = b""

    def put(self, content):
        at = len(self.cells) + 0x20
        size = -(-(len(content) + 4) // 8) * 8
        self.cells += struct.pack("<i", -size) + content.ljust(size - 4, b"\0")
        return at

    def key(self, name, *, keys=(), values=(), kind=b"lh"):
        inner = 0xFFFFFFFF
        if keys:
            step = b"".join(
                struct.pack("<II", offset, 0)
                if kind in (b"lh", b"lf")
                else struct.pack("<I", offset)
                for offset in keys
            )
            inner = self.put(kind + struct.pack("<H", len(keys)) + step)
        listed = (
            self.put(b"".join(struct.pack("<I", value) for value in values))
            if values
            else 0xFFFFFFFF
        )
        raw = name.encode("latin-1")
        head = struct.pack("<2sHQIIIIII", b"nk", 0x20, 0, 0, 0, len(keys), 0, inner, 0xFFFFFFFF)
        head += struct.pack(
            "<IIIIIIIII", len(values), listed, 0xFFFFFFFF, 0xFFFFFFFF, 0, 0, 0, 0, 0
        )
        return self.put(head[:0x48] + struct.pack("<HH", len(raw), 0) + raw)

    def text(self, name, value):
        raw, data = name.encode("latin-1"), (value + "\0").encode("utf-16-le")
        if len(data) > 16344:
            parts = [self.put(data[at : at + 16344]) for at in range(0, len(data), 16344)]
            listed = self.put(b"".join(struct.pack("<I", part) for part in parts))
            where = self.put(b"db" + struct.pack("<HI", len(parts), listed))
        else:
            where = self.put(data)
        return self.put(struct.pack("<2sHIIIHH", b"vk", len(raw), len(data), where, 1, 1, 0) + raw)

    def file(self, root):
        head = b"regf".ljust(0x24, b"\0") + struct.pack("<I", root)
        return head.ljust(0x1000, b"\0") + b"hbin".ljust(0x20, b"\0") + self.cells


def hive(value, *path, kind=b"lh"):
    made = Hive()
    below = (made.text("Settings", value),)
    key = made.key(path[-1], values=below)
    for name in reversed(path[:-1]):
        others = [made.key("Another")]
        key = made.key(name, keys=(*others, key), kind=kind)
    return made.file(made.key("ROOT", keys=(key,), kind=kind))
