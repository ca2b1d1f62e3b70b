"""A program that finds no descriptor left at one moment; the system itself refuses it."""

LIMITED = """
import os, resource, sys
place, sys.argv = sys.argv[1], sys.argv[2:]
most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
def limit(event, arguments):
    if event in ("open", "os.listdir"):
        short = str(arguments[0]).endswith(place)
        resource.setrlimit(resource.RLIMIT_NOFILE, (0 if short else most, most))
sys.addaudithook(limit)
import runpy
runpy.run_path(sys.argv[0], run_name="__main__")
"""
"""Runs a program that finds no descriptor left when it opens one place; a real EMFILE."""
