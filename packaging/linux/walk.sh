#!/usr/bin/env bash
# Goes through every window of both programs on two virtual displays, with keys alone, and takes a picture of each:
#
#	walk.sh LOCALE LOOK SIZE FOLDER     for example: walk.sh ko_KR dark 1366x768 build/walk
#
# The pictures are in FOLDER/LOCALE-LOOK-SIZE. Everything ends with the script.
set -euo pipefail
locale=$1 look=$2 size=$3 folder=$4
source "$(dirname "${BASH_SOURCE[0]}")/programs.sh"
shots=$folder/$locale-$look-$size
source "$(dirname "${BASH_SOURCE[0]}")/displays.sh"

number=0
# take SIDE NAME takes a picture when nothing moves any more.
take() {
	number=$((number + 1))
	still "$1"
	picture "$1" "$(printf '%02d' "$number")-$1-$2"
}

# shown SIDE WINDOW NAME KEYS... presses keys in a window, takes a picture, and closes what has opened with Escape.
shown() {
	press "$1" "$2" "${@:4}"
	take "$1" "$3"
	on "$1" xdotool key Escape
	still "$1"
}

start_relay
for side in operator customer; do start_display "$side" "$size" '#39424e'; done
in_locale=(env "LC_ALL=$locale.UTF-8")

start_on operator signin "${in_locale[@]}" "$bin/handrail" --relay "$relay" --user desk1 --socket "$work/operator/signin.sock"
signin=$pid
window operator '^Handrail$' >/dev/null
take operator sign-in
stop "$signin"

start_on operator handrail "${in_locale[@]}" "$bin/handrail" --relay "$relay" --user desk1 --password-file "$password_file" --socket "$work/operator/ctl.sock"
until_true 30 "the operator's program is ready" test -S "$work/operator/ctl.sock"
main=$(window operator '^Help desk 1')
take operator empty
shown operator "$main" shortcuts F1
shown operator "$main" connect ctrl+k
press operator "$main" ctrl+comma
take operator settings
on operator xdotool key alt+F4
still operator
press operator "$main" ctrl+n
until_true 10 "the session has started" sessions
id=$(ctl session list | field id)
code=$(ctl session list | field code)
take operator waiting
shown operator "$main" about-session ctrl+t

start_on customer client "${in_locale[@]}" "$bin/handrail-client" --relay "$relay"
client_pid=$pid
client=$(window customer '^Handrail$')
take customer code
shown customer "$client" menu F10
shown customer "$client" shortcuts F1
on customer xdotool windowactivate --sync "$client" type --delay 30 "$code"
press customer "$client" Return
ctl wait "$id" joining --timeout 15s >/dev/null
take customer asked
press operator "$main" ctrl+n # a second session waits beside the first
take operator two-sessions
sleep 3 # for three seconds the button that agrees cannot be pressed, so that people read who asks
press customer "$client" Tab Tab Return
ctl wait "$id" active --timeout 15s >/dev/null
ctl chat "$id" "Good morning! I can see your screen now." >/dev/null
take customer session
viewer=$(window operator "^$(uname -n)")
take operator viewer
shown operator "$viewer" viewer-quality ctrl+alt+q
shown operator "$viewer" viewer-keys ctrl+alt+k
press operator "$viewer" ctrl+alt+c
take operator viewer-chat
press operator "$viewer" ctrl+alt+c
press operator "$viewer" ctrl+alt+d
take operator viewer-drawing
press operator "$viewer" ctrl+alt+d
press operator "$viewer" ctrl+alt+t
take operator viewer-hidden
press operator "$viewer" ctrl+alt+t
press operator "$viewer" ctrl+alt+f
take operator viewer-full
press operator "$viewer" ctrl+alt+f
shown operator "$viewer" viewer-end ctrl+alt+e
press operator "$viewer" ctrl+alt+i
take operator files
press operator "$main" ctrl+Page_Down
take operator active
ctl session end "$id" >/dev/null
take operator ended
take customer ended
stop "$client_pid"
start_on customer offer "${in_locale[@]}" "$bin/handrail-client" --relay "$relay" --offer
window customer '^Handrail$' >/dev/null
take customer id-and-password
