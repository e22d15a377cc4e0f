#!/usr/bin/env bash
# Gradescope runs this once, as root, when the autograder's image is built.
set -euo pipefail
root=${AUTOGRADER_ROOT:-/autograder}

new_enough() { "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
find_python() { for python in python3.13 python3.12 python3.11 python3; do if new_enough "$python"; then echo "$python"; return; fi; done; }

if [ -z "${LABGRADE_NO_APT:-}" ]; then
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq bubblewrap jq
    [ -n "$(find_python)" ] || apt-get install -y -qq python3.11 python3.11-venv || apt-get install -y -qq python3 python3-venv
fi
python=$(find_python)
[ -n "$python" ] || { echo "labgrade needs Python 3.11 or later: choose a newer base image" >&2; exit 1; }

"$python" -m venv "$root/venv"
"$root/venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$root/source/requirements.txt"
chmod -R go-rwx "$root/source"
# The emulator runs as another user where there is a box, and reads labgrade's own program; the labs it does not.
chmod go+x "$root/source" "$root/source/labgrade"
chmod -R go+rX "$root/source/labgrade/grader"
chmod -R go-rwx "$root/source/labgrade/grader/labs"
