#!/usr/bin/env bash
# Tries the programs for Windows in Wine, on a virtual display: the relay, the customer's program through a whole
# session, and the operator's window. It says what held and leaves pictures in build/wine/. "make test-windows" calls it.
#
# Wine is not Windows: what works here works in Windows as far as Wine is like it. Known to differ: the pointer that the
# operator moves is not drawn, and a window of another program can be drawn over the bar.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/../linux/programs.sh"

exe=$bin/windows
out=$bin/wine
rm -rf "$out"
mkdir -p "$out"

# Wine's server ends with the last program; it is told to, so that nothing outlives the script.
end_wine() { "$(command -v wineserver || echo /usr/lib/wine/wineserver64)" -k 2>/dev/null || true; }
trap 'status=$?; set +e; ((status == 0)) || picture failed; end_wine; (exit $status); finish' EXIT

home=$HOME
unset WAYLAND_DISPLAY XAUTHORITY
start display Xvfb -displayfd 3 -screen 0 1280x800x24 -nolisten tcp -noreset 3>"$work/number"
until_true 20 "the display is ready" test -s "$work/number"
export DISPLAY=":$(<"$work/number")" WINEPREFIX=$work/prefix WINEDEBUG=-all LC_ALL=C.UTF-8 LIBGL_ALWAYS_SOFTWARE=1
export DBUS_SESSION_BUS_ADDRESS=disabled: WINEDLLOVERRIDES='mscoree=;mshtml=;winemenubuilder.exe=' HOME=$work/home
mkdir -p "$HOME"
timeout 120 wineboot -i >"$work/wineboot.log" 2>&1
system=$WINEPREFIX/drive_c/windows/system32
[[ -e $system/bcryptprimitives.dll ]] ||
	x86_64-w64-mingw32-gcc -shared -O2 -o "$system/bcryptprimitives.dll" "$tree/packaging/windows/prng.c" -ladvapi32

# on_desktop NAME COMMAND... starts a program on Wine's desktop, a window that is as large as the display.
on_desktop() {
	local name=$1
	shift
	start "$name" wine explorer /desktop=handrail,1280x800 "$@"
}

picture() { import -silent -window root "$out/$1.png"; }

# still waits until the display no longer changes.
still() {
	local before='' now
	for _ in {1..40}; do
		now=$(import -silent -window root rgb:- | cksum)
		[[ $now != "$before" ]] || return 0
		before=$now
		sleep 0.5
	done
}

# shows waits until a colour is at a place of the display.
shows() { [[ $(import -silent -window root -crop "1x1+$1+$2" -depth 8 txt:- | tail -n 1) == *"$3"* ]]; }

ctl() { timeout 60 "$bin/handrail" ctl --socket "$work/ctl.sock" "$@"; }
held() { ctl session show "$id" | grep -q "\"holder\":\"$1\""; }
allowed() { ctl session show "$id" | grep -q "\"permissions\":[^]]*\"$1\""; }
tell() { printf 'ok  %s\n' "$*"; }

# The relay of Windows serves the session below.
password_file=$work/password
(umask 077 && head -c 15 /dev/urandom | base64 >"$password_file")
windows_path() { printf 'Z:%s' "${1//\//\\}"; }
data=$(windows_path "$work/relay")
timeout 60 wine "$exe/handrail-relay.exe" account add desk1 --name "Help desk 1" \
	--password-file "$(windows_path "$password_file")" --data "$data"
start relay wine "$exe/handrail-relay.exe" serve --listen 127.0.0.1:0 --data "$data"
until_true 30 "the relay listens" grep -q 'listening on' "$work/relay.log"
relay=$(sed -n 's/.*listening on \(http:[^" ]*\).*/\1/p' "$work/relay.log" | tr -d '\r')
tell "handrail-relay.exe makes an account and serves at $relay"

start operator "$bin/handrail" --headless --relay "$relay" --user desk1 --password-file "$password_file" --socket "$work/ctl.sock"
until_true 30 "the operator's program is ready" test -S "$work/ctl.sock"
session=$(ctl session new)
id=$(field id <<<"$session")
code=$(field code <<<"$session")

printf '\xff\xfeS\0h\0o\0p\0\r\0\n\0' >"$work/list.txt" # UTF-16, which Notepad keeps to
on_desktop desktop
still
on_desktop notepad notepad "$(windows_path "$work/list.txt")"
until_true 60 "Notepad is there" shows 600 300 '#FFFFFF'
still
on_desktop client "$exe/handrail-client.exe" --relay "$relay"
until_true 60 "the customer's window is there" shows 100 650 '#F7F9FA'
still
picture 1-client
xdotool type --delay 80 "$code"
still
xdotool key Return
ctl wait "$id" joining --timeout 60s >/dev/null
still
sleep 4 # for three seconds the button that agrees cannot be pressed
xdotool key --delay 200 Tab Tab Return # the first Tab goes to Cancel
ctl wait "$id" active --timeout 60s >/dev/null
still
picture 2-active
tell "handrail-client.exe joins by keyboard, asks, and shares"
xdotool key F11
until_true 10 "files are allowed" allowed files
tell "F11 on the customer's keyboard allows files"

until_true 30 "the operator has control" held operator
ctl pointer "$id" click 600 200
sleep 1
text='čšž 한국어 @€ "quoted" {x} 😀'
ctl key "$id" ctrl+end
ctl type "$id" "$text"$'\n'
ctl key "$id" ctrl+s
saved() { (($(wc -c <"$work/list.txt") > 14)); }
until_true 20 "the text is saved" saved
got=$(iconv -f utf-16 -t utf-8 "$work/list.txt" | tr -d '\r' | tail -n 1)
[[ $got == "$text" ]] || fail "Notepad has saved something else than what was typed: $got"
tell "What the operator types arrives in Notepad: $text"

ctl draw "$id" --width 8 900 300 1200 600 >/dev/null
until_true 20 "the line is on the screen" shows 1050 450 '#E81C1C'
tell "What the operator draws lies over the screen"

still
for _ in {1..20}; do # until the caret is where it was
	ctl snapshot "$id" "$out/3-snapshot.png"
	picture 3-display
	different=$(compare -metric AE "$out/3-snapshot.png" "$out/3-display.png" null: 2>&1) || true
	[[ $different != 0 ]] || break
	sleep 0.3
done
[[ $different == 0 ]] || fail "The operator's picture differs from the display in $different pixels."
tell "The operator's picture is the display, pixel for pixel"

xdotool mousemove_relative 12 5
until_true 10 "the customer's hand takes control" held customer
until_true 20 "the operator has control again" held operator
tell "The customer's own mouse takes control, and five seconds later the operator has it again"

head -c 3000000 /dev/urandom >"$work/photo.jpg"
ctl send "$id" "$work/photo.jpg" >/dev/null
arrived=$(find "$WINEPREFIX/drive_c/users" "$HOME" -name photo.jpg -size 3000000c | head -n 1)
cmp "$work/photo.jpg" "$arrived" || fail "The file has not arrived as it was sent."
tell "A file arrives: ${arrived#"$WINEPREFIX/"}"

xdotool key ctrl+alt+shift+Escape
ctl wait "$id" ended --timeout 10s >/dev/null
tell "Ctrl+Alt+Shift+Esc on the customer's keyboard ends it"
until_true 10 "the line is gone" bash -c "! $(declare -f shows); ! shows 1050 450 '#E81C1C'"
still
picture 4-ended
tell "The end takes away what was drawn"

on_desktop window "$exe/handrail.exe" --relay "$relay" --user desk1 --password-file "$(windows_path "$password_file")"
sleep 1
still
picture 5-operator
xdotool key ctrl+n
still
picture 6-code
sessions=$(grep -c 'session starts' "$work/relay.log")
((sessions == 2)) || fail "Ctrl+N in the operator's window has started no session."
tell "handrail.exe signs in and starts a session"
# The packages whose tests Wine can run; those of others delete files in a way that Wine before version 9 lacks.
# Notepad is there so that no test is the first to need a desktop: Wine would hold on to its output.
start plain wine notepad
still
(cd "$tree" && HOME=$home GOOS=windows CGO_ENABLED=0 timeout 300 "${GO:-go}" test -exec wine -timeout 240s ./screen ./screen/capture ./screen/clipboard ./screen/input ./screen/plain \
	./app/scheme ./app/autostart ./ui/files/reveal ./whiteboard ./session ./session/journal ./session/mux ./session/secure >"$out/tests.log" 2>&1) ||
	{ cat "$out/tests.log" >&2; fail "Tests fail in Wine."; }
# With C, as the programs are built, capturing also asks for DXGI's desktop duplication, which Wine refuses.
(cd "$tree" && HOME=$home GOOS=windows CGO_ENABLED=1 CC=x86_64-w64-mingw32-gcc timeout 300 "${GO:-go}" test -exec wine -timeout 240s ./screen/capture \
	>"$out/tests-c.log" 2>&1) || { cat "$out/tests-c.log" >&2; fail "Tests of capturing fail in Wine."; }
tell "The tests of $(grep -c ^ok "$out/tests.log") packages pass"
echo "The pictures are in build/wine/."
