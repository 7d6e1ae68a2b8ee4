# Handrail through its own relay, with the headless operator: lossless in the end, end-to-end encrypted.
# HANDRAIL names the folder with the programs.
bin=${HANDRAIL:-$(dirname "$0")/../../build}
ctl() { "$bin/handrail" ctl --socket "$STATE/ctl.sock" "$@"; }
id() { cat "$STATE/id"; }
case $1 in
mode) echo engine relay ;;
relay)
  echo benchmark-password > "$STATE/password"
  "$bin/handrail-relay" account add desk1 --name "Help desk 1" --password-file "$STATE/password" --data "$STATE/relay" || exit
  exec "$bin/handrail-relay" serve --listen "127.0.0.1:$PORT" --data "$STATE/relay"
  ;;
client)
  (
    until [ -S "$STATE/ctl.sock" ]; do sleep 0.05; done
    made=$(ctl session new)
    sed 's/.*"id":"\([^"]*\)".*/\1/' <<< "$made" > "$STATE/id"
    sed 's/.*"code":"\([0-9]*\)".*/\1/' <<< "$made" > "$STATE/code.part"
    mv "$STATE/code.part" "$STATE/code"
    [ -z "$QUALITY" ] || ctl set "$(id)" quality="$QUALITY"
  ) &
  exec "$bin/handrail" --headless --relay "http://127.0.0.1:$CPORT" --user desk1 --password-file "$STATE/password" --socket "$STATE/ctl.sock" --log
  ;;
server)
  until [ -s "$STATE/code" ]; do sleep 0.05; done
  exec "$bin/handrail-client" --relay "http://127.0.0.1:$SPORT" --code "$(cat "$STATE/code")" --yes --log
  ;;
watch) ctl wait "$(id)" pixel "$2" "$3" "#$4" --near 95 --ready | sed -u 's/.*"monotonic":\([0-9]*\).*/\1/' ;;
snapshot) ctl snapshot "$(id)" "$2" ;;
updates) ctl events "$(id)" --updates --ready | sed -u -n -e '/^READY/p' -e '/"type":"update"/{s/.*"rects":\[\(.*\)\],"bytes.*/\1/;s/[][,]/ /g;p}' ;;
stop) ctl session end "$(id)" ;;
esac
