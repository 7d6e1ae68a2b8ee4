#!/usr/bin/env bash
# Goes through a whole session on two virtual displays, the operator's and the customer's, with the real programs,
# tells what happens, and leaves pictures in build/demo/. "make run" calls it where there is no display.
#
# The operator is played by "handrail ctl", the customer by xdotool. Everything ends with the script.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/programs.sh"

shots=$bin/demo
source "$(dirname "${BASH_SOURCE[0]}")/displays.sh"

step=0
# tell SENTENCE [PICTURES] prints the next step.
tell() {
	step=$((step + 1))
	printf '%2d. %s\n' "$step" "$1"
	[[ -z ${2:-} ]] || printf '      %s\n' "$2"
}

echo "A session on two virtual displays. The pictures are in build/demo/."
echo
start_relay
tell "A relay runs at $relay, for this computer only, with an account \"Help desk 1\" for the operator."

start_display operator 1440x900 '#39424e'
start_display customer 1280x800 '#4a6670'
mkdir -p "$work/customer/home/Documents"
printf 'Shopping\n- apples\n- bread\n- cheese' >"$work/customer/home/Documents/list.txt"
start_on customer xterm xterm -u8 -geometry 74x17+30+76 -title Terminal -fa 'DejaVu Sans Mono' -fs 11
start_on customer editor l3afpad Documents/list.txt
terminal=$(window customer '^Terminal$')
editor=$(window customer 'list.txt')
on customer xdotool windowsize --sync "$editor" 560 260 windowmove "$editor" 60 460
tell "The customer's display has a terminal and an editor on it."

start_on operator handrail "$bin/handrail" --relay "$relay" --user desk1 --password-file "$password_file" --socket "$work/operator/ctl.sock"
until_true 30 "the operator's program is ready" test -S "$work/operator/ctl.sock"
main=$(window operator '^Help desk 1')
still operator
picture operator 1-signed-in
tell "The operator's window opens, signed in." 1-signed-in.png

press operator "$main" ctrl+n
until_true 10 "the session has started" sessions
id=$(ctl session list | field id)
code=$(ctl session list | field code)
still operator
picture operator 2-code
tell "The operator presses + and reads out the code ${code:0:4} ${code:4:3} ${code:7}." 2-code.png

start_on customer client "$bin/handrail-client" --relay "$relay"
pid_of_client=$pid
client=$(window customer '^Handrail$')
on customer xdotool windowmove --sync "$client" 780 76
still customer
on customer xdotool windowactivate --sync "$client" type --delay 30 "$code"
still customer
picture customer 3-typed
press customer "$client" Return
ctl wait "$id" joining --timeout 15s >/dev/null
still customer
picture customer 4-asked
tell "The customer types it, and sees who is asking, and for what." "3-typed.png, 4-asked.png"

sleep 4 # for three seconds the button that agrees cannot be pressed, so that people read who asks
press customer "$client" Tab Tab Return # the first Tab goes to Cancel
ctl wait "$id" active --timeout 15s >/dev/null
viewer=$(window operator "^$(uname -n)")
still operator
picture operator 5-operator
picture customer 5-customer
tell "The customer presses Start sharing, and the operator sees the screen." "5-operator.png, 5-customer.png"

text='Hello from the help desk: čšž 한국어 😀'
eval "$(on customer xdotool getwindowgeometry --shell "$terminal")"
ctl pointer "$id" click $((X + 200)) $((Y + 150))
until_true 10 "the terminal takes the keys" active customer Terminal
ctl type "$id" "echo '$text' > hello.txt; cat hello.txt"$'\n'
until_true 10 "the file is written" test -s "$work/customer/home/hello.txt"
[[ $(<"$work/customer/home/hello.txt") == "$text" ]] || fail "The file does not contain what was typed."
tell "The operator writes a command into the terminal. The file it makes has the right $(wc -c <"$work/customer/home/hello.txt") bytes."
eval "$(on customer xdotool getwindowgeometry --shell "$editor")"
ctl pointer "$id" click $((X + 200)) $((Y + 120))
until_true 10 "the editor takes the keys" active customer list.txt
ctl key "$id" ctrl+end
ctl type "$id" $'\n- coffee, for the help desk'
ctl key "$id" ctrl+s
until_true 10 "the list is saved" grep -q coffee "$work/customer/home/Documents/list.txt"
tell "The operator adds a line in the editor, and saves it."

start_on operator events "$bin/handrail" ctl --socket "$work/operator/ctl.sock" events "$id"
ctl chat "$id" "Hello! There is a new file on your computer. Can you see it?"
still customer
on customer xdotool windowactivate --sync "$client" key --clearmodifiers ctrl+m
on customer xdotool type --delay 30 'Yes, I can see it. Thank you!'
on customer xdotool key Return
until_true 10 "the customer's answer arrives" grep -q '"from":"customer"' "$work/events.log"
press operator "$viewer" ctrl+alt+c
still customer
still operator
picture operator 6-operator
picture customer 6-customer
tell "They write to each other." "6-operator.png, 6-customer.png"

# same takes both pictures; the clock in a window of the customer's may go on between them.
same() {
	ctl snapshot "$id" "$shots/7-snapshot.png" && picture customer 7-display &&
		[[ $(compare -metric AE "$shots/7-snapshot.png" "$shots/7-display.png" null: 2>&1) == 0 ]]
}
until_true 10 "the operator's picture is the customer's screen, pixel for pixel" same
tell "A snapshot of what the operator sees is the customer's screen, pixel for pixel." "7-snapshot.png, 7-display.png"

press operator "$viewer" ctrl+alt+c
press operator "$viewer" ctrl+alt+d
eval "$(on customer xdotool getwindowgeometry --shell "$editor")"
ctl draw "$id" --kind highlighter --color yellow --width 26 $((X + 20)) $((Y + 91)) $((X + 268)) $((Y + 91)) >/dev/null
ctl draw "$id" --kind ellipse --width 5 $((X - 20)) $((Y + 71)) $((X + 304)) $((Y + 112)) >/dev/null
ctl draw "$id" --kind arrow --width 5 $((X + 372)) $((Y + 149)) $((X + 308)) $((Y + 107)) >/dev/null
ctl draw "$id" --kind text --width 32 --text "This line is new" $((X + 380)) $((Y + 135)) >/dev/null
still customer
still operator
picture operator 8-operator
picture customer 8-customer
tell "The operator draws on the customer's screen to show the new line." "8-operator.png, 8-customer.png"

ctl session end "$id" >/dev/null
still customer
still operator
picture operator 9-operator
picture customer 9-customer
tell "The operator ends the session. What was drawn is gone. Both sides say so." "9-operator.png, 9-customer.png"
if ctl chat "$id" "Are you still there?" 2>/dev/null; then
	fail "The session goes on after its end."
fi
stop "$pid_of_client"
left=$(cd "$work/customer/home" && find . -newer "$work/customer/number" -type f ! -path './.cache/openbox/*' | sort | tr '\n' ' ')
tell "The customer closes the program. New files on that computer: $left"
