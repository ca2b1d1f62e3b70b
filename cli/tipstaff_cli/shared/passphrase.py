"""Asking for the passphrase of a private key."""

import typer


def ask_passphrase() -> str:
    """Return what a person types at the terminal, which does not show it."""
    typed: str = typer.prompt("Passphrase of the key", hide_input=True, err=True)
    return typed
