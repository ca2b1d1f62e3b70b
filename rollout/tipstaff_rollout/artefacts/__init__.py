"""A policy compiled to files, and the texts that artefacts are made of."""
