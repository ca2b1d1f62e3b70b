"""Machines: hosts on a scratch disk, roots, namespaces, users, and the program run on them."""
