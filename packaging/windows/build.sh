#!/usr/bin/env bash
# Compiles the three programs for Windows into build/windows/, with their icon, manifest and version. "make windows"
# calls it. GO is the go command.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
go=${GO:-go}
out=build/windows
mkdir -p "$out"
version=$(sed -n 's/^const Version = "\(.*\)"$/\1/p' app/version.go)
[[ -n $version ]] || { echo "app/version.go says no version" >&2; exit 1; }
IFS=.- read -r major minor patch _ <<<"$version"

export GOOS=windows GOARCH=amd64

# The compiler takes resources from beside the sources; they do not stay there.
resources=resources_windows_amd64.syso
trap 'rm -f app/*/"$resources"' EXIT

# compile NAME FOLDER TITLE FLAGS... compiles one program.
compile() {
	local name=$1 folder=$2 title=$3
	shift 3
	x86_64-w64-mingw32-windres --codepage=65001 -O coff -o "$folder/$resources" -DNUMBERS="$major,$minor,$patch,0" \
		-DVERSION="\\\"$version\\\"" -DNAME="\\\"$name\\\"" -DTITLE="\\\"$title\\\"" packaging/windows/handrail.rc
	"$go" build -trimpath "$@" -o "$out/$name.exe" "./$folder"
	rm "$folder/$resources"
}

windows=(-tags no_animations -ldflags "-s -w -H windowsgui")
export CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc CXX=x86_64-w64-mingw32-g++
compile handrail app/operator "Handrail" "${windows[@]}"
compile handrail-client app/client "Handrail – get help" "${windows[@]}"
CGO_ENABLED=0 compile handrail-relay app/relay "Handrail relay" -ldflags "-s -w"
