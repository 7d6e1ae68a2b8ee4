# For demo.sh and walk.sh, which read it after programs.sh: two virtual displays, the operator's and the customer's, on
# which programs run and pictures are taken. They are kept in $shots.
# shellcheck shell=bash
rm -rf "$shots"
mkdir -p "$shots"

# Both sides have nothing in common but this computer: each has a home, a run-time folder and a display of its own.
# There is no session bus, so that no program starts services that would outlive it.
unset WAYLAND_DISPLAY XAUTHORITY DISPLAY
export DBUS_SESSION_BUS_ADDRESS=disabled: NO_AT_BRIDGE=1 GSETTINGS_BACKEND=memory LIBGL_ALWAYS_SOFTWARE=1
export LC_ALL=C.UTF-8 FYNE_THEME=${look:-light}
for side in operator customer; do
	mkdir -p -m 700 "$work/$side/home/.config/fyne" "$work/$side/runtime"
done

# on SIDE COMMAND... runs a command on a side's display and in its home.
on() {
	local side=$1
	shift
	(cd "$work/$side/home" && exec env DISPLAY="$(<"$work/$side/display")" HOME="$PWD" XDG_RUNTIME_DIR="$work/$side/runtime" "$@")
}

# start_on SIDE NAME COMMAND... is start, on a side's display and in its home.
start_on() {
	local side=$1 name=$2
	shift 2
	start "$name" env -C "$work/$side/home" DISPLAY="$(<"$work/$side/display")" HOME="$work/$side/home" \
		XDG_RUNTIME_DIR="$work/$side/runtime" "$@"
}

# start_display SIDE WIDTHxHEIGHT COLOUR makes a display with a window manager.
start_display() {
	local side=$1 size=$2 colour=$3
	start "$side-display" Xvfb -displayfd 3 -screen 0 "${size}x24" -nolisten tcp -noreset 3>"$work/$side/number"
	until_true 20 "the $side's display is ready" test -s "$work/$side/number"
	echo ":$(<"$work/$side/number")" >"$work/$side/display"
	start_on "$side" "$side-openbox" openbox
	on "$side" xsetroot -solid "$colour"
}

# window SIDE NAME waits for a window by its title and prints its id.
window() {
	until_true 30 "the window \"$2\" is there" on "$1" xdotool search --onlyvisible --name "$2"
	on "$1" xdotool search --onlyvisible --name "$2" | tail -n 1
}

# still SIDE waits until the picture on a side's display no longer changes.
still() {
	local before='' now
	for _ in {1..20}; do
		now=$(seen "$1")
		[[ $now != "$before" ]] || return 0
		before=$now
		sleep 0.4
	done
}

# seen SIDE prints a sum of what is on a side's display, and other SIDE SUM tells whether that is no longer what it was.
seen() { on "$1" import -silent -window root rgb:- | cksum; }
other() { [[ $(seen "$1") != "$2" ]]; }

# drawn SIDE WINDOW tells whether a window shows more than what is behind it, or black.
drawn() { [[ ! $(on "$1" import -silent -window "$2" -crop 1x1+8+8 -format '%[hex:p{0,0}]' info:) =~ ^(39424E|000000) ]]; }

# pressed SIDE WINDOW KEYS... presses keys in a window and waits until what they do can be seen and nothing moves any more.
pressed() {
	local before
	before=$(seen "$1")
	press "$@"
	until_true 60 "something happens at ${*:3}" other "$1" "$before"
	still "$1"
}

sessions() { [[ -n $(ctl session list) ]]; }

picture() { on "$1" import -silent -window root "$shots/$2.png"; }
ctl() { on operator "$bin/handrail" ctl --socket "$work/operator/ctl.sock" "$@"; }

# press SIDE WINDOW KEYS... presses keys in a window.
press() {
	on "$1" xdotool windowactivate --sync "$2" key --clearmodifiers "${@:3}"
}

# active SIDE TITLE tells whether the keys go to the window with this title.
active() { [[ $(on "$1" xdotool getactivewindow getwindowname) == *"$2"* ]]; }

