#!/usr/bin/env python3
"""What each preset costs and saves: BD-rate of PSNR-Y against x264 slow over CPU time, as a table and a picture.

Every coder encodes the first frames of each clip at four qualities, one thread, in one run; its time is the CPU time of
all of them, less that of encoding one frame each, as a multiple of x264 slow's. Means over the clips, geometric for
times. Needs ffmpeg with libx264 (libsvtav1 if it is there) and Python's numpy and scipy.
"""
import argparse
import math
import os
import subprocess
import sys
import tempfile

import numpy
from scipy.interpolate import PchipInterpolator

from ratios import psnr, quiet, run

X264 = [20, 26, 31, 36]
SVT = [24, 34, 44, 54]
CRFS = [22, 27, 32, 37]


def ffmpeg(codec, preset, extra):
    def command(clip, out, crf, frames):
        return ["ffmpeg", "-y", "-v", "error", "-nostdin", "-threads", "1", "-i", clip, "-frames:v", str(frames), "-an",
                "-c:v", codec, "-preset", preset, *extra, "-threads", "1", "-crf", str(crf), out]
    return command


def girih(program, preset):
    def command(clip, out, crf, frames):
        return [program, "encode", clip, "-o", out, "--preset", preset, "--tune", "psnr", "--crf", str(crf),
                "--threads", "1", "--frames", str(frames), "--overwrite"]
    return command


def coders(program):
    """Family, preset, file ending, qualities and command of all coders."""
    all = [("Girih", p, "girih", CRFS, girih(program, p)) for p in ("ultrafast", "fast", "medium", "slow", "veryslow")]
    all += [("x264", p, "mkv", X264, ffmpeg("libx264", p, ["-tune", "psnr"]))
            for p in ("veryfast", "medium", "slow", "veryslow")]
    listed = subprocess.run(["ffmpeg", "-hide_banner", "-encoders"], capture_output=True, text=True, check=True).stdout
    if "libsvtav1" in listed:
        all += [("SVT-AV1", p, "mkv", SVT, ffmpeg("libsvtav1", p, ["-svtav1-params", "lp=1"])) for p in ("10", "7", "4")]
    return all


def points(program, clip, coder, frames, folder):
    """(bytes, PSNR-Y) at each quality, and the CPU time of all frames but the first."""
    _, _, ending, qualities, command = coder
    out, y4m, found, time = os.path.join(folder, f"o.{ending}"), os.path.join(folder, "o.y4m"), [], 0.0
    for crf in qualities:
        hidden = dict(stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time -= run(command(clip, out, crf, 1), **hidden)[0]
        time += run(command(clip, out, crf, frames), **hidden)[0]
        decoded = out
        if ending == "girih":
            quiet([program, "decode", out, "-o", y4m, "--overwrite"])
            decoded = y4m
        found.append((os.path.getsize(out), psnr(clip, decoded, frames)))
    return found, time


def bd_rate(reference, test):
    """Mean difference in rate at equal quality, in percent."""
    curve = lambda p: numpy.array(sorted((q, math.log(b)) for b, q in p)).T
    a, b = curve(reference), curve(test)
    low, high = max(a[0][0], b[0][0]), min(a[0][-1], b[0][-1])
    x = numpy.linspace(low, high, 400)
    return (math.exp(numpy.mean(PchipInterpolator(*b)(x) - PchipInterpolator(*a)(x))) - 1) * 100


def picture(rows):
    """An SVG of BD-rate over the logarithm of time."""
    colours = {"Girih": "#c0392b", "x264": "#2471a3", "SVT-AV1": "#1e8449"}
    times, rates = [r[2] for r in rows], [r[3] for r in rows]
    x0, x1 = math.floor(math.log2(min(times))), math.ceil(math.log2(max(times)))
    y0, y1 = 10 * math.floor(min(rates) / 10), 10 * math.ceil(max(rates) / 10)
    x = lambda t: 70 + (math.log2(t) - x0) / (x1 - x0) * 600
    y = lambda r: 30 + (y1 - r) / (y1 - y0) * 320
    svg = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 410" font-family="sans-serif" font-size="13">',
           '<rect width="720" height="410" fill="white"/>']
    for e in range(x0, x1 + 1):
        label = f"{2 ** e}x" if e >= 0 else f"1/{2 ** -e}x"
        svg.append(f'<path d="M{x(2.0 ** e):.0f} 30V350" stroke="#ddd"/>'
                   f'<text x="{x(2.0 ** e):.0f}" y="368" text-anchor="middle">{label}</text>')
    for r in range(y0, y1 + 1, 20):
        svg.append(f'<path d="M70 {y(r):.0f}H670" stroke="#ddd"/>'
                   f'<text x="62" y="{y(r) + 4:.0f}" text-anchor="end">{r:+d} %</text>')
    svg.append('<text x="370" y="395" text-anchor="middle">CPU time of encoding, x264 slow = 1</text>'
               '<text x="70" y="20">bits at equal PSNR-Y against x264 slow</text>')
    for family, colour in colours.items():
        own = [(x(t), y(r), p) for f, p, t, r in rows if f == family]
        line = " ".join(f"{a:.0f},{b:.0f}" for a, b, _ in own)
        svg.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for i, (a, b, p) in enumerate(own):
            # Girih's below and above in turn: others lie close.
            below = 24 if family == "Girih" and i % 2 == 0 else 0
            svg.append(f'<circle cx="{a:.0f}" cy="{b:.0f}" r="4" fill="{colour}"/>'
                       f'<text x="{a + 7:.0f}" y="{b - 7 + below:.0f}" fill="{colour}">{family} {p}</text>')
    return "\n".join(svg + ["</svg>\n"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--girih", default="target/release/girih")
    parser.add_argument("--frames", type=int, default=33)
    parser.add_argument("--svg", help="where to put the picture")
    args = parser.parse_args()
    all, results = coders(args.girih), {}
    for clip in args.clips:
        with tempfile.TemporaryDirectory() as folder:
            found = {c[:2]: points(args.girih, clip, c, args.frames, folder) for c in all}
        reference, time = found["x264", "slow"]
        for name, (curve, spent) in found.items():
            results.setdefault(name, []).append((spent / time, bd_rate(reference, curve)))
        print(clip, {f"{f} {p}": f"{t[-1][0]:.2f}x {t[-1][1]:+.1f} %" for (f, p), t in results.items()}, flush=True)
    rows = [(*name, math.exp(numpy.mean([math.log(t) for t, _ in r])), numpy.mean([b for _, b in r]))
            for name, r in results.items()]
    print("| coder | preset | CPU time | BD-rate |\n|---|---|---|---|")
    for family, preset, time, rate in rows:
        print(f"| {family} | {preset} | {time:.2f}x | {rate:+.1f} % |")
    if args.svg:
        with open(args.svg, "w") as file:
            file.write(picture(rows))


if __name__ == "__main__":
    sys.exit(main())
