"""Scribe: a made-up client, kept to prove that a client is a folder and nothing else.

It differs from a real one in all that the engine could take for granted. Its documents are JSON;
lists unite over the administrators' files and single values go by the strongest; only its service
knows to which organisation a login belongs; it refuses to start and keeps the login; a login is a
member of a larger document, or a file of its own, or comes from a variable or a program; its lock
is a folder; no package says which version it is.
"""

ENTRY_POINTS = ("chat", "batch", "agent")
"""How the client is started."""
MOVES_TO = ("vault", "state")
"""The stores that a login can be moved into."""
