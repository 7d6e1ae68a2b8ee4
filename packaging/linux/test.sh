#!/usr/bin/env bash
# Runs all tests; "make test" calls it, with the programs built and the packages installed. The arguments are the
# go flags that the programs were built with.
#
# Groups, so that Fyne is compiled only once: what has nothing to do with Fyne, under the race detector; windows and
# widgets, with Fyne's own test driver; the comparison's reckoning; the programs themselves on virtual displays; pages;
# and every fuzz test for some seconds. A failure does not stop the groups after it.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
go=${GO:-go}

# Tests bring their own displays and must find neither the user's nor their session bus.
unset DISPLAY WAYLAND_DISPLAY XAUTHORITY
export DBUS_SESSION_BUS_ADDRESS=disabled: NO_AT_BRIDGE=1 LIBGL_ALWAYS_SOFTWARE=1
XDG_RUNTIME_DIR=$(mktemp -d) || exit
export XDG_RUNTIME_DIR XDG_DATA_HOME=$XDG_RUNTIME_DIR/data
trap 'rm -rf "$XDG_RUNTIME_DIR"' EXIT
# The proxies and databases that tests start are installed by now: a test may not be left out for want of them.
[[ ${HANDRAIL_PACKAGES:-} == installed ]] || export HANDRAIL_SERVERS=required

plain=(./session/... ./screen/... ./app/relay/...)
for folder in whiteboard transfer; do # which may not be there yet
	if compgen -G "$folder/*.go" >/dev/null; then plain+=("./$folder/..."); fi
done
gui=(./ui/... ./assets/...)
for package in $("$go" list -e "$@" ./app/...); do # those that have no group of their own
	case $package in handrail/app/relay* | handrail/app/endtoend* | handrail/app/browser*) ;; *) gui+=("$package") ;; esac
done

status=0
group() {
	local since=$SECONDS
	printf '\n== %s\n' "$1"
	shift
	"$@" || status=1
	printf -- '-- %d s\n' $((SECONDS - since))
}

group "race detector" env CGO_ENABLED=1 "$go" test -race -timeout 10m "${plain[@]}"
# The race detector has pools throw buffers away, so that these only count without it.
group "allocations" env CGO_ENABLED=1 "$go" test -timeout 5m -run WithoutAllocating ./session/sessiontest ./screen/capture
group "windows and widgets" env CGO_ENABLED=1 "$go" test "$@" -timeout 10m "${gui[@]}"
group "the comparison with other programs" env -C bench "$go" test ./...
# Never from the cache: go does not see that these tests depend on the built programs.
group "the programs on virtual displays" env HANDRAIL_BUILD="$PWD/build" "$go" test "$@" -count=1 -timeout 10m ./app/endtoend/...
# The shorter half of the tests of the relay's pages; "make test-pages" runs all and checks accessibility.
group "the relay's pages in a browser" env HANDRAIL_BUILD="$PWD/build" HANDRAIL_CHROMIUM="$(command -v chromium)" \
	"$go" test "$@" -count=1 -timeout 10m -run 'TestALink|TestACode|TestWithoutScripts|TestTheSavedProgram|TestAMailed' ./app/browser/...
group "fuzz tests, some seconds each" env HANDRAIL_FUZZ=quick GO="$go" packaging/linux/fuzz.sh 4s -trimpath
exit $status
