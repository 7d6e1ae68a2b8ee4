# Handrail as handrail.sh runs it, but with the operator's real window: full screen, in actual size, drawn with software
# OpenGL where there is no graphics card. HANDRAIL names the folder with the programs.
bin=${HANDRAIL:-$(dirname "$0")/../../build}
plain=$(dirname "$0")/handrail.sh
ctl() { "$bin/handrail" ctl --socket "$STATE/ctl.sock" "$@"; }
# full makes the viewer fill the screen, once the customer has joined.
full() {
  until [ -S "$STATE/ctl.sock" ]; do sleep 0.05; done
  made=$(ctl session new)
  sed 's/.*"id":"\([^"]*\)".*/\1/' <<< "$made" > "$STATE/id"
  sed 's/.*"code":"\([0-9]*\)".*/\1/' <<< "$made" > "$STATE/code.part"
  mv "$STATE/code.part" "$STATE/code"
  ctl wait "$(cat "$STATE/id")" active > /dev/null
  main=$(xdotool search --sync --onlyvisible --name '^Help desk 1 – Handrail$' | head -1)
  for _ in $(seq 60); do
    viewer=$(xdotool search --onlyvisible --name ' – Handrail$' | grep -vx "$main" | head -1)
    [ -z "$viewer" ] || break
    xdotool windowactivate "$main" key ctrl+o
    sleep 0.5
  done
  xdotool windowactivate --sync "$viewer"
  sleep 1
  xdotool key ctrl+alt+1 key ctrl+alt+f
  xdotool mousemove 1919 1079
  sleep 4 # the bar at the top goes
}
case $1 in
mode) echo x11 relay ;;
client)
  full > "$LOG/full.log" 2>&1 &
  export LIBGL_ALWAYS_SOFTWARE=1
  exec "$bin/handrail" --relay "http://127.0.0.1:$CPORT" --user desk1 --password-file "$STATE/password" --socket "$STATE/ctl.sock" --log
  ;;
*) . "$plain" ;;
esac
