"""Delivery by The Update Framework: a folder of signed files on any web server, and its reader."""
