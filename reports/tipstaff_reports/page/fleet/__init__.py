"""The page of a fleet: how its hosts stand, on one page and then in depth."""
