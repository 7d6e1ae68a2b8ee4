#!/usr/bin/env bash
# Goes through every window of both programs on two virtual displays, with keys alone, and takes a picture of each:
#
#	walk.sh LOCALE LOOK SIZE FOLDER [PERCENT]     for example: walk.sh ko_KR dark 1366x768 build/walk
#
# PERCENT is how large windows are, such as 150 on a display with many pixels. The pictures are in
# FOLDER/LOCALE-LOOK-SIZE, with -PERCENT if that is given. Everything ends with the script.
set -euo pipefail
locale=$1 look=$2 size=$3 folder=$4 percent=${5:-100}
source "$(dirname "${BASH_SOURCE[0]}")/programs.sh"
shots=$folder/$locale-$look-$size${5:+-$5}
source "$(dirname "${BASH_SOURCE[0]}")/displays.sh"

# clicked SIDE X Y clicks and waits as pressed does.
clicked() {
	local before
	before=$(seen "$1")
	on "$1" xdotool mousemove "$2" "$3" click 1
	until_true 60 "something happens at a click" other "$1" "$before"
	still "$1"
}

# on_bar RIGHT clicks on the customer's bar, so many units of the windows from its right end.
on_bar() {
	local WINDOW X Y WIDTH HEIGHT SCREEN
	eval "$(on customer xdotool getwindowgeometry --shell "$bar")"
	clicked customer $((X + WIDTH - $1 * percent / 100)) $((Y + 26 * percent / 100))
}

number=0
# take SIDE NAME takes a picture when nothing moves any more.
take() {
	number=$((number + 1))
	still "$1"
	picture "$1" "$(printf '%02d' "$number")-$1-$2"
}

# shown SIDE WINDOW NAME KEYS... presses keys in a window, takes a picture, and closes what has opened with Escape.
shown() {
	pressed "$1" "$2" "${@:4}"
	take "$1" "$3"
	pressed "$1" "$2" Escape
}

start_relay
for side in operator customer; do start_display "$side" "$size" '#39424e'; done
in_locale=(env "LC_ALL=$locale.UTF-8" "FYNE_SCALE=$(printf %d.%02d $((percent / 100)) $((percent % 100)))")

start_on operator signin "${in_locale[@]}" "$bin/handrail" --relay "$relay" --user desk1 --socket "$work/operator/signin.sock"
signin=$pid
until_true 60 "the form for signing in is drawn" drawn operator "$(window operator '^Handrail$')"
take operator sign-in
stop "$signin"

start_on operator handrail "${in_locale[@]}" "$bin/handrail" --relay "$relay" --user desk1 --password-file "$password_file" --socket "$work/operator/ctl.sock"
until_true 30 "the operator's program is ready" test -S "$work/operator/ctl.sock"
main=$(window operator '^Help desk 1')
until_true 60 "the sessions are drawn" drawn operator "$main"
take operator empty
shown operator "$main" shortcuts F1
shown operator "$main" connect ctrl+k
pressed operator "$main" ctrl+comma
settings=$(on operator xdotool getactivewindow)
take operator settings
pressed operator "$settings" Tab Tab # to the field for searching, and to the first page
for page in general remote permissions files advanced; do
	pressed operator "$settings" Tab space
	take operator "settings-$page"
done
pressed operator "$settings" alt+F4
press operator "$main" ctrl+n
until_true 60 "the session has started" sessions
id=$(ctl session list | field id)
code=$(ctl session list | field code)
take operator waiting
shown operator "$main" about-session ctrl+t

start_on customer client "${in_locale[@]}" "$bin/handrail-client" --relay "$relay"
client_pid=$pid
client=$(window customer '^Handrail$')
until_true 60 "the field for the code is drawn" drawn customer "$client"
take customer code
shown customer "$client" menu F10
downs=()
for entry in display plain proxy keys report newest about; do
	pressed customer "$client" F10
	shown customer "$client" "menu-$entry" "${downs[@]}" Down Return
	downs+=(Down)
done
on customer xdotool windowactivate --sync "$client" type --delay 30 "$code"
press customer "$client" Return
ctl wait "$id" joining --timeout 60s >/dev/null
take customer asked
pressed operator "$main" ctrl+n # a second session waits beside the first
take operator two-sessions
sleep 3 # for three seconds the button that agrees cannot be pressed, so that people read who asks
pressed customer "$client" Tab Tab Return
ctl wait "$id" active --timeout 60s >/dev/null
ctl chat "$id" "Good morning! I can see your screen now." >/dev/null
bar=$(window customer '^Help desk 1')
take customer session
on_bar 26
take customer bar-open
on_bar 26
on_bar 70
take customer drawing
on_bar 70
on customer xdotool mousemove 4 $((${size#*x} - 4))
viewer=$(window operator "^$(uname -n)")
take operator viewer
shown operator "$viewer" viewer-quality ctrl+alt+q
shown operator "$viewer" viewer-keys ctrl+alt+k
pressed operator "$viewer" ctrl+alt+1
take operator viewer-actual
pressed operator "$viewer" ctrl+alt+0
for view in c-chat d-drawing t-hidden f-full; do
	pressed operator "$viewer" "ctrl+alt+${view%%-*}"
	take operator "viewer-${view#*-}"
	pressed operator "$viewer" "ctrl+alt+${view%%-*}"
done
shown operator "$viewer" viewer-end ctrl+alt+e
pressed operator "$viewer" ctrl+alt+i
take operator files
pressed operator "$main" ctrl+Page_Down
take operator active
ctl session end "$id" >/dev/null
take operator ended
take customer ended
stop "$client_pid"
start_on customer offer "${in_locale[@]}" "$bin/handrail-client" --relay "$relay" --offer
until_true 60 "the ID is drawn" drawn customer "$(window customer '^Handrail$')"
take customer id-and-password
