#!/bin/sh
# Makes the checkout runnable: installs what package-lock.json names, once per lock file.
# POSIX sh, because it runs before the pinned Node is there.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.slipway-lock
if [ -f "$stamp" ] && cmp -s package-lock.json "$stamp"; then exit 0; fi
echo "Installing what package-lock.json names (once)…" >&2
npm ci --no-progress >&2
cp package-lock.json "$stamp"
