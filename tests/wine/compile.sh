#!/bin/sh
# A Python for Windows as one that compiles: Wine gives no program a standard input here.
WINEPREFIX="$(dirname "$0")/../../.wine/prefix" WINEARCH=win64 WINEDEBUG=-all exec wine "$@" </dev/null
