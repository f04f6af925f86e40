#!/bin/sh
# Makes the checkout runnable: installs what package-lock.json names, once per lock file. Does nothing when that is done already.
# POSIX sh, because it runs before the pinned Node.js is there.
set -eu
cd "$(dirname "$0")/.."
stamp=node_modules/.slipway-lock
lock=.slipway/setup.lock

done_already() { cmp -s package-lock.json "$stamp" && node_modules/.bin/node --version >/dev/null 2>&1; }

if done_already; then exit 0; fi

# Two commands started at once must not install into the same directory; the lock holds the process id of the one that does.
mkdir -p .slipway
if ! [ -w .slipway ]; then
  echo "$PWD is not writable for you; the packages are installed into it." >&2
  exit 1
fi
until (set -C && echo $$ >"$lock") 2>/dev/null; do
  other=$(cat "$lock" 2>/dev/null) || continue
  if [ -n "$other" ] && ! kill -0 "$other" 2>/dev/null; then
    rm -f "$lock"
  else
    echo "Waiting for the other installation (process $other; if there is none, remove $lock)…" >&2
    sleep 2
  fi
done
trap 'rm -f "$lock"' EXIT
trap 'exit 1' HUP INT TERM
if done_already; then exit 0; fi

echo "Installing the packages that package-lock.json names into node_modules/ (npm ci; once)…" >&2
rm -f "$stamp"
npm ci --include=dev --include=optional --no-progress --loglevel=error >&2
# npm 10 leaves out the link to the one Node.js it did install, because its sisters for other machines name the same command.
for node in node_modules/node-*/bin/node; do
  if "$node" --version >/dev/null 2>&1; then ln -sf "../${node#node_modules/}" node_modules/.bin/node; fi
done
if ! node_modules/.bin/node --version >/dev/null; then
  echo "npm installed no Node.js that runs here; there is one for Linux (glibc) and macOS, on x86-64 and ARM64." >&2
  exit 1
fi
cp package-lock.json "$stamp"
