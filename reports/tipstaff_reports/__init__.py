"""Documents as people and programs read them: one file each; those of a report in `formats`."""
