"""Putting Tipstaff itself onto a host, and taking it away again (ADR 0025)."""
