#!/usr/bin/env bash
# Makes the fonts of this folder from Inter as npm's package @expo-google-fonts/inter has it. Needs npm and Debian's
# python3-fonttools. What is changed (make.py): only letters of Latin, Greek and Cyrillic stay, all digits are equally
# wide, so that nothing moves while figures change, and lines are a little further apart.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent @expo-google-fonts/inter@0.4.2 >/dev/null && tar -xzf ./*.tgz)
/usr/bin/python3 "$here/make.py" "$work/package/400Regular/Inter_400Regular.ttf" "$here/Inter-Regular.ttf"
/usr/bin/python3 "$here/make.py" "$work/package/600SemiBold/Inter_600SemiBold.ttf" "$here/Inter-SemiBold.ttf"
cp "$work/package/LICENSE_FONT" "$here/LICENSE"
