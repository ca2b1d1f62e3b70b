"""The client's credentials, wherever they lie."""
