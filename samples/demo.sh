#!/usr/bin/env bash
# The demonstration: a real clip in, Girih out, decoded and verified, compared with H.264.
# Usage: demo.sh [CLIP], default carphone; the program comes from `cargo build --release`.
set -euo pipefail
cd "$(dirname "$0")/.."
girih=${GIRIH_BIN:-${CARGO_TARGET_DIR:-target}/release/girih}
[ -x "$girih" ] || { echo "demo: no $girih: run 'make build' first" >&2; exit 1; }
out=samples/demo
mkdir -p "$out"

step() { printf '\n== %s\n' "$*"; }

clip=${1:-samples/real/carphone.mp4}
if [ $# -eq 0 ] && ! samples/fetch.sh carphone; then
    clip=$out/mix.y4m
    echo "demo: no real clip to be had, using a generated one" >&2
    cargo run --quiet --release -p girih-samples -- mix 176x144 60 "$clip"
fi

step "Encode $clip"
"$girih" encode "$clip" -o "$out/demo.girih" --crf 30 --preset medium --frames 60 --overwrite
ls -l "$clip" "$out/demo.girih" | awk '{ print $5, "bytes", $NF }'
step "What is in it"
"$girih" info "$out/demo.girih"
step "Decode, checked against the hashes in the stream"
"$girih" decode "$out/demo.girih" -o "$out/demo.y4m" --verify --overwrite
ls -l "$out/demo.y4m" | awk '{ print $5, "bytes", $NF }'
step "Compare with H.264 (x264 -preset slow)"
"$girih" compare "$clip" --against h264:slow --frames 60 --preset medium --crfs 24,30,36,42
