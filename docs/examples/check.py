#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the console blocks of a page and compares what they print: check.py PAGE FOLDER [--update]

Commands run one after the other in FOLDER, by sh. Under each stands its output, stdout and stderr as a terminal
shows them; a line [exit status N] follows a status that is not 0. --update writes the page anew.
"""
import re
import subprocess
import sys


def run(command, folder):
    done = subprocess.run(["sh", "-c", command], cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    status = f"[exit status {done.returncode}]\n" if done.returncode != 0 else ""
    return f"$ {command}\n{done.stdout}{status}"


def main():
    page, folder, update = sys.argv[1], sys.argv[2], "--update" in sys.argv[3:]
    with open(page, encoding="ascii") as f:
        text = f.read()
    blocks = re.findall(r"^```console\n(.*?)^```$", text, re.S | re.M)
    wrong = 0
    for block in blocks:
        is_now = "".join(run(line[2:], folder) for line in block.splitlines() if line.startswith("$ "))
        if is_now != block:
            wrong += 1
            if update:
                text = text.replace(block, is_now)
            else:
                print(f"wanted:\n{block}is now:\n{is_now}")
    if update:
        with open(page, "w", encoding="ascii") as f:
            f.write(text)
    sys.exit(1 if (wrong and not update) or not blocks else 0)


main()
