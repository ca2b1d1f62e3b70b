"""The client's credentials, in all their places."""
