"""Fleets: their reports, histories, engines, and a model of what they answer."""
