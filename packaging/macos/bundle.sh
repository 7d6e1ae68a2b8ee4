#!/usr/bin/env bash
# Makes the two applications for macOS, on a Mac with Xcode's command line tools and Go:
#
#   packaging/macos/bundle.sh [PROGRAMS [OUT]]
#
# PROGRAMS is a folder with handrail and handrail-client; without it they are compiled. OUT is build/macos, and gets
#
#   Handrail.app            the operator's program, with the customer's beside it for links that are for that one
#   Handrail Client.app     the customer's program
#
# In Handrail.app is a small application of its own, Handrail Links.app, which the system starts for addresses that begin with
# handrail: and which starts the program with them as an argument: macOS tells them to applications by an Apple event, which
# the programs' windows do not listen to. "handrail links" makes the system know it.
#
# HANDRAIL_SIGN is the name of a certificate to sign with; without it signatures are only this Mac's own ("-"). On another system
# all is put together that needs no Mac, for tests: there are no icons, no signatures, and Handrail Links.app cannot run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
go=${GO:-go}
programs=${1:-}
out=${2:-build/macos}
version=$(sed -n 's/^const Version = "\(.*\)"$/\1/p' app/version.go)
[[ -n $version ]] || { echo "app/version.go says no version" >&2; exit 1; }
mac=
[[ $(uname) != Darwin ]] || mac=yes

if [[ -z $programs ]]; then
	[[ -n $mac ]] || { echo "The programs can be compiled for macOS on a Mac only; give a folder that has them." >&2; exit 1; }
	programs=build/macos/programs
	mkdir -p "$programs"
	"$go" build -trimpath -tags no_animations -ldflags "-s -w" -o "$programs/handrail" ./app/operator
	"$go" build -trimpath -tags no_animations -ldflags "-s -w" -o "$programs/handrail-client" ./app/client
fi

# application PATH NAME IDENTIFIER EXECUTABLE PLIST makes a bundle's folders and its Info.plist.
application() {
	mkdir -p "$1/Contents/MacOS" "$1/Contents/Resources"
	printf 'APPL????' >"$1/Contents/PkgInfo"
	sed -e "s/@NAME@/$2/g" -e "s/@IDENTIFIER@/$3/g" -e "s/@EXECUTABLE@/$4/g" -e "s/@VERSION@/$version/g" \
		"packaging/macos/$5" >"$1/Contents/Info.plist"
}

# icon BUNDLE makes the icon of the mark, in the sizes that macOS wants.
icon() {
	[[ -n $mac ]] || return 0
	local set
	set=$(mktemp -d)/mark.iconset
	mkdir "$set"
	for size in 16 32 128 256; do
		sips -z $size $size assets/mark-512.png --out "$set/icon_${size}x$size.png" >/dev/null
		sips -z $((2 * size)) $((2 * size)) assets/mark-512.png --out "$set/icon_${size}x$size@2x.png" >/dev/null
	done
	iconutil -c icns -o "$1/Contents/Resources/handrail.icns" "$set"
	rm -r "${set%/*}"
}

# sign BUNDLE: what is inside must have been signed before.
sign() {
	[[ -z $mac ]] || codesign --force --options runtime --sign "${HANDRAIL_SIGN:--}" "$1"
}

operator=$out/Handrail.app client="$out/Handrail Client.app"
links="$operator/Contents/Helpers/Handrail Links.app"
rm -rf "$operator" "$client"
mkdir -p "${links%/*}"
if [[ -n $mac ]]; then osacompile -o "$links" packaging/macos/links.applescript; fi
application "$links" "Handrail Links" org.handrail.Handrail.links applet Links.plist
application "$operator" Handrail org.handrail.Handrail handrail Info.plist
application "$client" "Handrail Client" org.handrail.Handrail.client handrail-client Info.plist
install -m 755 "$programs/handrail" "$programs/handrail-client" "$operator/Contents/MacOS/"
install -m 755 "$programs/handrail-client" "$client/Contents/MacOS/"
for bundle in "$operator" "$client"; do icon "$bundle"; done
for item in "$links" "$operator/Contents/MacOS/handrail-client" "$operator" "$client"; do sign "$item"; done
echo "$operator and $client, version $version"
