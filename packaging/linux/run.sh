#!/usr/bin/env bash
# Tries Handrail out on this computer; "make run" calls it when the programs are built. On a display it opens the
# operator's and the customer's window with a relay between them, until they are closed. Without one, demo.sh goes
# through a session on two virtual displays.
set -euo pipefail
here=$(dirname "${BASH_SOURCE[0]}")

# A display that is named but not there counts as none.
display_works() {
	[[ -n ${DISPLAY:-} ]] || return 1
	! command -v xdpyinfo >/dev/null || xdpyinfo >/dev/null 2>&1
}

if ! display_works; then
	if [[ -n ${WAYLAND_DISPLAY:-} ]]; then
		echo "This Wayland desktop has no XWayland, which Handrail needs for now. Trying it on virtual displays instead."
	fi
	"$here/install-packages.sh" display
	exec "$here/demo.sh"
fi

source "$here/programs.sh"
start_relay
start operator "$bin/handrail" --relay "$relay" --user desk1 --password-file "$password_file" --socket "$work/ctl.sock"
operator=$pid
# The larger window first, so that it does not cover the smaller one.
until_true 30 "the operator's program is ready" test -S "$work/ctl.sock"
sleep 1
start customer "$bin/handrail-client" --relay "$relay"
customer=$pid

cat <<TEXT

Handrail is running on this computer only: a relay at $relay, and two windows.

  1. In the window "Handrail", which is signed in as Help desk 1, press +. It shows a code.
  2. Type that code into the other window, the customer's, look at what is asked, and press Start sharing.
  3. Open the session in the first window: it shows this screen. What you click and type there, happens here.

Close both windows, or press Ctrl+C here, and everything ends.
TEXT

wait -n "$operator" "$customer" || fail "A program ended with an error."
if kill -0 "$operator" 2>/dev/null; then
	echo
	echo "The customer's window was closed. This opens another one: build/handrail-client --relay $relay"
	wait "$operator" || fail "The operator's program ended with an error."
fi
