#!/usr/bin/env bash
# Builds the relay's container image with buildah and starts it: "make test-image" calls it. Neither a container engine's daemon
# nor a registry is needed: in place of the two images that the Dockerfile begins from stand ones made here, the first of this
# machine's Go and a busybox, the second of what distroless/static:nonroot consists of (a user and certificates, no shell). What
# runs in the image is what the image says: its user, its entry point, its command, with another port.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
go=${GO:-go}
((EUID == 0)) || exec sudo -n env GO="$(command -v "$go")" "$0" "$@"

work=$(mktemp -d)
server=
cleanup() {
	[[ -z $server ]] || kill "$server" 2>/dev/null || true
	[[ -z $server ]] || wait "$server" 2>/dev/null || true
	"${buildah[@]}" rm --all >/dev/null 2>&1 || true
	rm -rf "$work"
}
buildah=(buildah --root "$work/storage" --runroot "$work/run" --storage-driver vfs)
export BUILDAH_ISOLATION=chroot
trap cleanup EXIT
step() { printf -- '-- %s\n' "$1"; }

step "stand-ins for the images to begin from"
tools=$("${buildah[@]}" from scratch)
at=$("${buildah[@]}" mount "$tools")
mkdir -p "$at"/{bin,tmp,etc/ssl/certs,usr/local,root}
chmod 1777 "$at/tmp"
cp "$(command -v busybox)" "$at/bin/busybox"
for name in sh mkdir; do ln -s busybox "$at/bin/$name"; done
cp /etc/ssl/certs/ca-certificates.crt "$at/etc/ssl/certs/"
cp -a "$("$go" env GOROOT)" "$at/usr/local/go"
"${buildah[@]}" config --env PATH=/usr/local/go/bin:/bin --env GOTOOLCHAIN=local --env GOSUMDB=off \
	--env "GOPROXY=file:///modules,$("$go" env GOPROXY)" "$tools"
"${buildah[@]}" commit --quiet --rm "$tools" docker.io/library/golang:1.26 >/dev/null

bare=$("${buildah[@]}" from scratch)
at=$("${buildah[@]}" mount "$bare")
mkdir -p "$at"/{tmp,etc/ssl/certs,home/nonroot}
chmod 1777 "$at/tmp"
chown 65532:65532 "$at/home/nonroot"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$at/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$at/etc/group"
cp /etc/ssl/certs/ca-certificates.crt "$at/etc/ssl/certs/"
"${buildah[@]}" config --user 65532 --workingdir /home/nonroot "$bare"
"${buildah[@]}" commit --quiet --rm "$bare" gcr.io/distroless/static-debian12:nonroot >/dev/null

step "the image"
"${buildah[@]}" build --pull-never --volume "$("$go" env GOMODCACHE)/cache/download:/modules:ro" \
	-f packaging/relay/Dockerfile -t handrail-relay .

step "what it starts"
relay=$("${buildah[@]}" from --pull-never localhost/handrail-relay)
said() { "${buildah[@]}" inspect --format "$1" "$relay"; }
user=$(said '{{.OCIv1.Config.User}}')
read -ra command <<<"$(said '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}{{range .OCIv1.Config.Cmd}}{{.}} {{end}}')"
echo "user $user: ${command[*]}"
[[ $user == 65532 ]] || { echo "It would run as $user." >&2; exit 1; }
"${buildah[@]}" run "$relay" -- "${command[0]}" version
command=("${command[@]/0.0.0.0:8470/127.0.0.1:0}")
"${buildah[@]}" run "$relay" -- "${command[@]}" 2>"$work/log" &
server=$!
address=
while [[ -z $address ]]; do
	kill -0 "$server" || { cat "$work/log" >&2; exit 1; }
	address=$(sed -n 's/.*listening on \(http:[^"]*\)".*/\1/p' "$work/log")
	sleep 0.1
done
curl --fail --silent --show-error "$address/healthz" && echo
curl --fail --silent --show-error "$address/join" | grep -q '<h1>'
pid=$(ss -Hltnp "sport = :${address##*:}" | sed -n 's/.*pid=\([0-9]*\).*/\1/p')
[[ $(awk '/^Uid:/ { print $2 }' "/proc/$pid/status") == 65532 ]] || { echo "It runs as somebody else." >&2; exit 1; }
kill "$pid"
wait "$server"
server=
step "it ran as user 65532, answered, and ended when it was told to"
