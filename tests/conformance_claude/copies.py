"""Lays out a host in a folder, for a replay without the client and without a namespace."""

import shutil

PLACES = ("managed", "home", "project")


def lay_out(root, host):
    """Lay out a host's three places below a folder, which is emptied first."""
    shutil.rmtree(root, ignore_errors=True)
    for place in PLACES:
        (root / place).mkdir(parents=True)
        for name, content in getattr(host, place).items():
            path = root / place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(path, {"text": content} if isinstance(content, str) else content)
            if place == "managed":
                _hide(path, content)


def _write(path, content):
    if "link" in content:
        path.symlink_to(content["link"])
    elif "directory" in content:
        path.mkdir()
    elif "hex" in content:
        path.write_bytes(bytes.fromhex(content["hex"]))
    else:
        path.write_bytes(b" " * content.get("blanks", 0) + content["text"].encode())
    if "link" not in content:
        path.chmod(content.get("mode", 0o755 if "directory" in content else 0o600))


def _hide(path, content):
    """Take away what the administrators' mode gives to others than its user."""
    if isinstance(content, dict) and not content.get("mode", 0o004) & 0o004:
        path.chmod(0)
