"""One policy compiled to every artefact that a device manager takes, and read back to prove it."""
