"""Removing credentials that violate a rule, and verifying that they are gone."""
