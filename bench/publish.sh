#!/bin/bash
# Compares Handrail with other programs and writes docs/BENCHMARKS.md; "make bench-peers" builds the programs and calls
# it. BUDGET is about how many minutes it may take. The machine should have nothing else to do.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
budget=${BUDGET:-45}
cache=${PEERSBENCH_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/peersbench}
export PEERSBENCH_CACHE=$cache HANDRAIL=${HANDRAIL:-$here/../build}
export OUT=${OUT:-$cache/results/$(date +%Y%m%d-%H%M%S)}
target=${TARGET:-$here/../docs/BENCHMARKS.md}
[ -s "$cache/media/video.mkv" ] || "$here/setup.sh"

if [ "$budget" -lt 12 ]; then
  export SECS=4 SAMPLES=30
  peers=none,x0vnc-lossless,x0vnc-jpeg,handrail measured=handrail
elif [ "$budget" -lt 40 ]; then
  export SECS=8 SAMPLES=60
  peers=none,x0vnc-lossless,x0vnc-jpeg,handrail measured=x0vnc-tuned,xtigervnc-jpeg,handrail,handrail-window
else
  export SECS=8 SAMPLES=110
  peers=none,x0vnc-lossless,x0vnc-jpeg,x11vnc,freerdp,xtigervnc-lossless,handrail
  measured=x0vnc-jpeg,x0vnc-tuned,xtigervnc-jpeg,x11vnc-tuned,freerdp,handrail,handrail-window
fi
PEERS=${PEERS:-$peers} WORKLOADS=all LINKS=loop "$here/run.sh" > /dev/null
PEERS=${MEASURED:-$measured} WORKLOADS= LATENCY=1 LINKS=loop,10m,2m LOAD=10m:video "$here/run.sh" > /dev/null

(cd "$here/.." && "${GO:-go}" test -tags gles,x11,no_animations -trimpath -run '^$' -bench BenchmarkMemory -benchtime 1x ./app/endtoend) > "$OUT/memory.txt"

bench=$cache/bin/peersbench
processor=$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1)
version() { dpkg-query -W -f '${Package} ${Version}\n' "$@" 2> /dev/null | sed 's/^/- /' || true; }
{
  sed -n '1,/^<!-- measured -->$/p' "$here/intro.md"
  echo
  echo "Measured on $(date -u +%Y-%m-%d) with \`make bench-peers BUDGET=$budget\` at $(git -C "$here" rev-parse --short HEAD): $(nproc) cores of $processor,"
  echo "Linux $(uname -r | cut -d- -f1), $(go version | cut -d' ' -f3), Debian $(cat /etc/debian_version). $SECS s a workload, $SAMPLES samples of latency."
  echo
  version tigervnc-scraping-server tigervnc-standalone-server x11vnc freerdp2-shadow-x11
  echo
  echo "## Goals and what was reached"
  echo
  "$bench" goals -memory "$OUT/memory.txt" "$OUT"
  sed '1,/^<!-- measured -->$/d' "$here/intro.md"
  echo
  echo "## All tables"
  "$bench" report -against x0vnc-lossless "$OUT"
} > "$target.part"
mv "$target.part" "$target"
echo "$target is written; results are in $OUT" >&2
