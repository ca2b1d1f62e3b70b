"""The list of what was written: as text, and back."""

import json

from tipstaff_policy.installation.model import Manifest, Written

SCHEMA_VERSION = "1"


def render_manifest(manifest: Manifest) -> bytes:
    """Return the list as it is kept."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "version": manifest.version,
        "folders": manifest.folders,
        "written": [file._asdict() for file in manifest.written],
    }
    return (json.dumps(document, indent=2) + "\n").encode()


def parse_manifest(content: bytes) -> Manifest | None:
    """Return the list; None if another user wrote it."""
    try:
        document = json.loads(content)
        manifest = Manifest(
            document["version"],
            tuple(document["folders"]),
            tuple(Written(**file) for file in document["written"]),
        )
        return manifest if render_manifest(manifest) == content else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
