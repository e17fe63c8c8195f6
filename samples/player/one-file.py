#!/usr/bin/env python3
"""Prints the player as one HTML file, which a browser opens without a server: one-file.py FOLDER"""

import base64
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])


def text(name):
    return (folder / name).read_text()


def inline(tag, name, attributes=""):
    return f"<{tag}{attributes}>\n{text(name)}</{tag}>"


page = text("index.html")
page = re.sub(r'<link rel="stylesheet" href="(.*)">', lambda m: inline("style", m[1]), page)
module = base64.b64encode((folder / "girih.wasm").read_bytes()).decode()
parts = f'<script type="text/plain" id="module">{module}</script>\n'
parts += inline("script", "worker.js", ' type="text/plain" id="worker"') + "\n"
page = page.replace("<script src=", parts + "<script src=", 1)
page = re.sub(r'<script src="(.*)"></script>', lambda m: inline("script", m[1]), page)
sys.stdout.write(page)
