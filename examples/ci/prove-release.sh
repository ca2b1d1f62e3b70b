#!/bin/sh
# Look for a release of a client on npm; prove it, report it, and publish what is known of it.
#
#   prove-release.sh CLIENT FOLDER      CLIENT is codex or claude; FOLDER takes everything
#
# It runs in a checkout of Tipstaff, by hand, by cron and by a pipeline alike. A run that was
# stopped goes on where it ended, as long as FOLDER is kept. Variables:
#
#   VERSION         prove this version, not the newest one on npm
#   KNOWLEDGE_KEY   private key (OpenSSH) that signs what is known; without it nothing is published
#   PUBLISH         program that is given the signed document, such as an upload
#
# Exit codes: 0 proven, or nothing new; 1 not proven: the reports say why; 2 wrong usage; 4 npm does
# not answer.
set -eu

usage() {
  echo "usage: prove-release.sh codex|claude FOLDER" >&2
  exit 2
}

[ $# -eq 2 ] || usage
client=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/../.."

case $client in
  codex) package=@openai/codex ;;
  claude) package=@anthropic-ai/claude-code ;;
  *) usage ;;
esac

version=${VERSION:-$(npm view "$package" version)} || exit 4
[ -n "$version" ] || { echo "npm names no version of $package" >&2; exit 4; }

known=policy/tipstaff_policy/clients/$client/knowledge/versions.json
# A proof that was killed leaves its version there with this day, until the next one begins.
if sed -n '/"1970-01-01"/d;/"proven"/,/}/s/^ *"\([0-9.]*\)": .*/\1/p' "$known" | grep -Fqx "$version"; then
  echo "$client $version is proven already"
  exit 0
fi

echo "$client $version is new: proving it, see $out/proof.log"
if make prove CLIENT="$client" VERSION="$version" STATE="$out/state" >"$out/proof.log" 2>&1; then
  proven=yes
else
  proven=no
fi
for report in report.sarif report.xml report.md; do
  made=$out/state/$client-$version/$report
  if [ -f "$made" ]; then cp "$made" "$out/$report"; fi
done
if [ $proven = no ]; then
  echo "$client $version is not proven:" >&2
  tail -n 40 "$out/proof.log" >&2
  exit 1
fi

# What a maintainer merges: data, record, tables of the documentation and the changelog.
git add --all --intent-to-add .
git diff --binary >"$out/changes.patch"
git diff --stat

if [ -z "${KNOWLEDGE_KEY:-}" ]; then
  echo "no KNOWLEDGE_KEY: nothing is published"
  exit 0
fi
.venv/bin/tipstaff client knowledge export "$out/knowledge.json" --key "$KNOWLEDGE_KEY"
if [ -n "${PUBLISH:-}" ]; then "$PUBLISH" "$out/knowledge.json"; fi
