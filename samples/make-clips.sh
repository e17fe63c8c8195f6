#!/usr/bin/env bash
# Makes the committed clips of samples/clips again: generated, then FFV1 (lossless) in Matroska.
set -euo pipefail
cd "$(dirname "$0")/.."

temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# name, scene, size, frames, format, bits
while read -r name scene size frames format bits; do
    cargo run --quiet --release -p girih-samples -- \
        "$scene" "$size" "$frames" "$temp/$name.y4m" --format "$format" --bits "$bits"
    ffmpeg -v error -nostdin -y -i "$temp/$name.y4m" -c:v ffv1 -level 3 -coder 2 -context 1 \
        -g 300 -slices 4 -slicecrc 1 -fflags +bitexact -flags:v +bitexact \
        -map_metadata -1 "samples/clips/$name.mkv"
    echo "samples/clips/$name.mkv $(stat -c %s "samples/clips/$name.mkv") bytes"
done <<'CLIPS'
mix_176x144        mix       176x144  9 420  8
occlusion_144x80   occlusion 144x80   8 420  8
text_128x72_444    text      128x72   6 444  8
pan_80x64_10bit    pan       80x64    6 420 10
zoom_65x49         zoom      65x49    8 420  8
noise_64x64_mono   noise     64x64    4 400  8
flat_96x64         flat      96x64   12 420  8
CLIPS
