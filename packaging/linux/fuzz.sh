#!/usr/bin/env bash
# Runs every fuzz test for some time:
#
#   packaging/linux/fuzz.sh TIME [GO-FLAG...]
#
# TIME is that of each test, such as 20s. With HANDRAIL_FUZZ=quick those whose package needs Fyne are left out, which would
# have to be compiled once more for it. What a test finds is written beside it, as go test does, and stays as a case.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
go=${GO:-go} time=${1:?how long each test runs} status=0
shift

work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT

# Before Go 1.27 a test whose time is over now and then fails for just that (golang/go#75804).
only_out_of_time() {
	grep -qx ' *context deadline exceeded' "$work/log" && ! grep -q 'Failing input\|panic' "$work/log"
}

while read -r dir; do
	[[ ${HANDRAIL_FUZZ:-} == quick && ($dir == ./app/client || $dir == ./ui/*) ]] && continue
	# Compiled once for all tests of a package.
	if ! "$go" test "$@" -c -fuzz=Fuzz -o "$work/fuzz.test" "$dir"; then
		status=1
		continue
	fi
	while read -r name; do
		since=$SECONDS
		# Without a limit nearly all of the time goes into making what is merely interesting shorter, a minute for each.
		if (cd "$dir" && "$work/fuzz.test" -test.run '^$' -test.fuzz "^$name\$" -test.fuzztime "$time" \
			-test.fuzzminimizetime 200x -test.fuzzcachedir "$work/cache") </dev/null >"$work/log" 2>&1 || only_out_of_time; then
			printf 'ok    %-40s %s\n' "$dir $name" "$(grep -o 'execs: [0-9]*' "$work/log" | tail -1) in $((SECONDS - since)) s"
		else
			cat "$work/log"
			printf 'FAIL  %s\n' "$dir $name"
			status=1
		fi
	done < <(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\).*/\1/p' "$dir"/*_test.go)
done < <(grep -rl --include='*_test.go' '^func Fuzz' . | xargs -r -n1 dirname | sort -u)
exit $status
