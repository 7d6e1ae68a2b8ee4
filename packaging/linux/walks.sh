#!/usr/bin/env bash
# Takes pictures of every window into build/walk/: in light and dark, in English and Korean, on a small and on a large screen;
# in the other languages; and with windows of 125, 150 and 200 percent.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(cd "$here/../.." && pwd)/build/walk

# walk LOCALE LOOK SIZE [PERCENT]
walk() {
	"$here/walk.sh" "$1" "$2" "$3" "$folder" "${@:4}"
	local made=$1-$2-$3${4:+-$4}
	echo "$(ls "$folder/$made" | wc -l) pictures are in build/walk/$made"
}

for size in 1366x768 2560x1440; do
	for look in light dark; do
		for locale in en_US ko_KR; do walk "$locale" "$look" "$size"; done
	done
done
for locale in sl_SI de_DE nb_NO; do walk "$locale" light 1366x768; done
walk en_US light 1920x1080 125
walk de_DE light 1920x1080 150
walk en_US light 1366x768 150 # as low as monitors get
walk ko_KR dark 2560x1440 200
