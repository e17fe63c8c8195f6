#!/usr/bin/env python3
"""Speed beside x264 and FFmpeg's H.264 decoder: one table, measured in one run.

For each clip: Girih encodes it, then the x264 crf of equal PSNR-Y is found (bisected to 0.1 dB) and both streams are
decoded and both encoders run again, alternating. Times are CPU times (user + system) of the fastest of several runs,
less those of the same program on the clip's first frame: what remains is the time of the other frames.
"""
import argparse
import math
import os
import re
import resource
import subprocess
import sys
import tempfile
import time


def run(command, **kwargs):
    """CPU seconds and wall seconds of a command."""
    used = lambda: sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    before, start = used(), time.monotonic()
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, **kwargs)
    return used() - before, time.monotonic() - start


def quiet(command):
    return run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def psnr(clip, stream, frames):
    """PSNR-Y over all frames, by FFmpeg's filter; `stream` is y4m from Girih or any file."""
    graph = f"[0:v]trim=end_frame={frames},settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N[b];[a][b]psnr"
    ffmpeg = ["ffmpeg", "-hide_banner", "-nostdin", "-i", clip, "-i", stream, "-lavfi", graph, "-f", "null", "-"]
    text = subprocess.run(ffmpeg, capture_output=True, text=True, check=True).stderr
    return float(re.findall(r"PSNR y:(\S+)", text)[-1])


def x264(clip, out, crf, preset, frames):
    return ["ffmpeg", "-y", "-v", "error", "-nostdin", "-threads", "1", "-i", clip, "-frames:v", str(frames), "-an",
            "-c:v", "libx264", "-preset", preset, "-tune", "psnr", "-threads", "1", "-crf", f"{crf:.2f}", out]


def decode_h264(stream):
    return ["ffmpeg", "-v", "error", "-nostdin", "-threads", "1", "-i", stream, "-f", "null", "-"]


class Girih:
    def __init__(self, program):
        self.program = program

    def encode(self, clip, out, args, frames):
        return [self.program, "encode", clip, "-o", out, "--preset", args.preset, "--crf", str(args.crf),
                "--threads", "1", "--frames", str(frames), "--overwrite"]

    def decode(self, stream, threads):
        return [self.program, "decode", stream, "-o", "-", "--threads", str(threads)]


def match(clip, target, args, folder):
    """The x264 stream whose PSNR-Y is the target's."""
    low, high, out = 0.0, 51.0, os.path.join(folder, "peer.mkv")
    for _ in range(9):
        crf = (low + high) / 2
        quiet(x264(clip, out, crf, args.peer, args.frames))
        got = psnr(clip, out, args.frames)
        if abs(got - target) < 0.1:
            break
        low, high = (crf, high) if got > target else (low, crf)
    return crf, got, out


def fastest(commands, runs, wall=()):
    """Least time of each command, run in turn so that all meet the same noise; wall time for those in `wall`."""
    best = {}
    for _ in range(runs):
        for name, command in commands.items():
            took = quiet(command)[name in wall]
            best[name] = min(took, best.get(name, took))
    return best


def measure(girih, clip, args, folder):
    ours, ours1 = (os.path.join(folder, n) for n in ("ours.girih", "ours1.girih"))
    peer1, y4m = os.path.join(folder, "peer1.mkv"), os.path.join(folder, "ours.y4m")
    quiet(girih.encode(clip, ours, args, args.frames))
    quiet(girih.encode(clip, ours1, args, 1))
    quiet([girih.program, "decode", ours, "-o", y4m, "--overwrite"])
    target = psnr(clip, y4m, args.frames)
    os.remove(y4m)
    crf, got, peer = match(clip, target, args, folder)
    quiet(x264(clip, peer1, crf, args.peer, 1))
    best = fastest({
        "girih": girih.decode(ours, 1), "girih1": girih.decode(ours1, 1),
        "h264": decode_h264(peer), "h2641": decode_h264(peer1),
        "wall 1": girih.decode(ours, 1), "wall 1 1": girih.decode(ours1, 1),
        "wall 2": girih.decode(ours, 2), "wall 2 1": girih.decode(ours1, 2),
    }, 4 * args.runs, wall=("wall 1", "wall 1 1", "wall 2", "wall 2 1"))  # each takes but a tenth of a second
    scratch = {n: os.path.join(folder, f"{n}.mkv") for n in ("e", "e1")}
    encode = fastest({
        "girih": girih.encode(clip, ours, args, args.frames), "girih1": girih.encode(clip, ours1, args, 1),
        "x264": x264(clip, scratch["e"], crf, args.peer, args.frames),
        "x2641": x264(clip, scratch["e1"], crf, args.peer, 1),
    }, 1 if args.frames > 30 else args.runs)
    per = 1000 / (args.frames - 1)
    ms = [(best["girih"] - best["girih1"]) * per, (best["h264"] - best["h2641"]) * per]
    es = [(encode["girih"] - encode["girih1"]) * per, (encode["x264"] - encode["x2641"]) * per]
    one, two = best["wall 1"] - best["wall 1 1"], best["wall 2"] - best["wall 2 1"]
    threads = one / two if min(one, two) > 0.01 else math.nan  # too short to tell
    kbytes = os.path.getsize(ours) / os.path.getsize(peer)
    name = os.path.basename(clip).split("_")[0]
    print(f"{name:14} {target:6.2f} {got:6.2f} {kbytes:6.2f} {ms[0]:8.2f} {ms[1]:7.2f} {ms[0] / ms[1]:6.2f}"
          f" {threads:9.2f} {es[0]:9.1f} {es[1]:7.1f} {es[0] / es[1]:6.1f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", nargs="+")
    parser.add_argument("--girih", default="target/release/girih")
    parser.add_argument("--preset", default="medium")
    parser.add_argument("--peer", default="slow", help="preset of x264")
    parser.add_argument("--crf", type=float, default=30)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--runs", type=int, default=7)
    args = parser.parse_args()
    print(f"girih {args.preset} crf {args.crf:g} against x264 {args.peer}, {args.frames} frames; ms of CPU per frame,"
          " one thread; '2 threads': wall time of one over wall time of two")
    print(f"{'clip':14} {'dB':>6} {'h264':>6} {'bytes':>6} {'decode':>8} {'h264':>7} {'ratio':>6} {'2 threads':>9}"
          f" {'encode':>9} {'x264':>7} {'ratio':>6}")
    for clip in args.clips:
        with tempfile.TemporaryDirectory() as folder:
            measure(Girih(args.girih), clip, args, folder)


if __name__ == "__main__":
    sys.exit(main())
