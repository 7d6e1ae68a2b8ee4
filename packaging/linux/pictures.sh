#!/usr/bin/env bash
# Takes the README's pictures again: goes through the demonstration and copies some of its pictures, with few enough
# colours to be small, to docs/pictures/.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tree=$(cd "$here/../.." && pwd)

"$here/install-packages.sh" display
"$here/demo.sh"

pictures=$tree/docs/pictures
mkdir -p "$pictures"
limit=200000 # bytes

# take PICTURE NAME keeps a picture of the demonstration under another name.
take() {
	convert "$tree/build/demo/$1.png" -strip -dither None -colors 255 -define png:compression-level=9 "png8:$pictures/$2.png"
	if (($(stat -c %s "$pictures/$2.png") > limit)); then
		echo "docs/pictures/$2.png is larger than $limit bytes" >&2
		exit 1
	fi
}

take 2-code operator-code
take 4-asked customer-asked
take 6-operator operator-viewer
take 6-customer customer-session
take 8-operator operator-drawing
take 8-customer customer-drawn-on
echo "New pictures are in docs/pictures/:"
ls -l "$pictures" | awk 'NR > 1 { print "  " $9, $5, "bytes" }'
