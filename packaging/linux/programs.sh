# For run.sh and demo.sh, which read it: starts programs, waits for what they do, and ends all of them.
# shellcheck shell=bash

tree=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$tree/build
mkdir -p "$bin/run"
work=$(mktemp -d "$bin/run/XXXXXX") # logs, sockets, the relay's data; removed at the end
pids=()

# start NAME COMMAND... runs a program in the background; its output goes to $work/NAME.log. Sets $pid.
start() {
	local name=$1
	shift
	"$@" >"$work/$name.log" 2>&1 </dev/null &
	pid=$!
	pids+=("$pid")
}

# stop PID ends one program and waits for it.
stop() {
	kill "$1" 2>/dev/null || true
	for _ in {1..100}; do
		kill -0 "$1" 2>/dev/null || break
		sleep 0.1
	done
	kill -KILL "$1" 2>/dev/null || true
	wait "$1" 2>/dev/null || true
}

# Everything that was started ends with the script, the last first, however the script ends.
finish() {
	local status=$?
	trap '' INT TERM
	trap - EXIT
	local i
	for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
		stop "${pids[i]}"
	done
	if ((status != 0 && status != 130)); then
		echo >&2
		echo "Something went wrong; this is what the programs wrote:" >&2
		tail -n 20 "$work"/*.log >&2 || true
	fi
	rm -rf "$work"
	rmdir "$bin/run" 2>/dev/null || true
	exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

fail() {
	echo "$*" >&2
	exit 1
}

# until_true SECONDS WHAT COMMAND... waits until the command succeeds.
until_true() {
	local limit=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		((SECONDS < limit)) || fail "This did not happen in time: $what."
		sleep 0.1
	done
}

# start_relay runs a relay on a free port of this computer, with a new account. Sets $relay and $password_file.
start_relay() {
	password_file=$work/password
	(umask 077 && head -c 15 /dev/urandom | base64 >"$password_file")
	"$bin/handrail-relay" account add desk1 --name "Help desk 1" --password-file "$password_file" --data "$work/relay"
	"$bin/handrail-relay" organisation "Handrail demonstration" --data "$work/relay"
	start relay "$bin/handrail-relay" serve --listen 127.0.0.1:0 --data "$work/relay"
	until_true 60 "the relay listens" grep -q 'listening on' "$work/relay.log"
	relay=$(sed -n 's/.*listening on \(http:[^" ]*\).*/\1/p' "$work/relay.log")
}

# field NAME reads one text field of a JSON object on standard input.
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
