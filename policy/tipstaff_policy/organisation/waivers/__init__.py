"""Waivers: which one covers a failing check, and who signed it."""
