"""Signing in under the policy: the client's own login, made aside, judged, put in place."""
