#!/usr/bin/env bash
# A Python for Windows as one that compiles. By Wine, Python starts only where its streams are pipes
# or nothing: a file as one of them is an invalid handle to it.
WINEPREFIX="$(dirname "$0")/../../.wine/prefix" WINEARCH=win64 WINEDEBUG=-all exec wine "$@" </dev/null 2> >(cat >&2)
