#!/usr/bin/env bash
# Takes pictures of every window in light and dark, in English and Korean, on a small and on a large screen, into
# build/walk/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)
for size in 1366x768 2560x1440; do
	for look in light dark; do
		for locale in en_US ko_KR; do
			"$here/walk.sh" "$locale" "$look" "$size" "$tree/build/walk"
			echo "$(ls "$tree/build/walk/$locale-$look-$size" | wc -l) pictures are in build/walk/$locale-$look-$size"
		done
	done
done
