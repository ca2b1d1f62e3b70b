"""Who could write a file, on each platform."""
