"""Policies, and what is made of them: documents, packages, signers, publishers."""
