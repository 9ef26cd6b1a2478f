#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Changes each decision of verify and lint in turn and sees whether a test notices: run.py BUILD [FILE...]

A decision is a comparison, a boolean operator, a condition, a limit or what a check returns (mutants.py lists
the changes). BUILD has been made by `make all unit`. Each file under test is compiled once with all its
mutants in it, linked with the test programs that are to notice, and these are run once for each mutant, until
one fails. A mutant that cannot be noticed, because it decides the same, stands in equivalent.tsv with the
reason; one that stands there and is noticed is an error, as is a line that fits no mutant.

Exit status 1: fewer than 95 of 100 are noticed, or equivalent.tsv is wrong.
    JOBS     how many run at once (2)
    KEEP     a folder where what is built is left
"""
import collections
import concurrent.futures
import os
import re
import shlex
import subprocess
import sys
import tempfile

import mutants

GOAL = 95
LINT = ("test_lint", "test_lint_vectors")
# What decides, and the programs that are to notice, the likeliest first: rules, then what they look things up in,
# then readers of the parts of a certificate, which refuse what is malformed.
FILES = {
    "lib/chain.c": ("test_chain",) + LINT,
    "lib/chain_sdk.c": ("test_chain",),
    "lib/att_chain.c": ("test_att_chain",),
    "lib/att_ids.c": ("test_att_chain",),
    "lib/att_result.c": ("test_att_chain",),
    "lib/attest.c": ("test_att_chain", "test_attest", "test_attest_cd"),
    "lib/attest_cd.c": ("test_attest_cd", "test_attest"),
    **{f"lib/lint{name}.c": LINT for name in ("", "_att", "_att_ext", "_att_name", "_csr", "_facts", "_op", "_op_attr",
                                              "_op_ext", "_op_name", "_time", "_x509")},
    "lib/dn_query.c": ("test_dn", "test_chain"),
    "lib/revset.c": ("test_revset", "test_attest"),
    "lib/pubkey.c": ("test_pubkey",),
    "lib/cd_compare.c": ("test_cd", "test_attest"),
    "lib/cd_keys.c": ("test_cd", "test_attest"),
    "lib/cms.c": ("test_cms", "test_cd"),
    "lib/nocsr.c": ("test_nocsr", "test_csr"),
    "lib/der.c": ("test_der", "test_cert_der"),
    "lib/tlv.c": ("test_tlv", "test_cert_tlv"),
    "lib/ext_der.c": ("test_ext", "test_cert_der", "test_lint"),
    "lib/ext_tlv.c": ("test_ext", "test_cert_tlv"),
    "lib/dn.c": ("test_dn", "test_cert_der", "test_cert_tlv"),
    "lib/caltime.c": ("test_caltime",),
    "lib/oid.c": ("test_oid", "test_cert_der"),
    "lib/cert.c": ("test_cert_rules", "test_cert_der", "test_cert_tlv", "test_lint"),
    "lib/cert_der.c": ("test_cert_der", "test_cert_rules", "test_cert_tlv", "test_lint"),
    "lib/cert_tlv.c": ("test_cert_tlv", "test_cert_rules"),
    "lib/cert_size.c": ("test_cert_rules", "test_cert_der", "test_cert_tlv"),
    "lib/csr.c": ("test_csr", "test_lint"),
    "lib/cd.c": ("test_cd", "test_attest"),
    "lib/elements.c": ("test_elements", "test_attest"),
    "lib/cms_deployed.c": ("test_cms", "test_cd", "test_attest"),
}
ENVIRONMENT = dict(os.environ, FLIPS="300")
TIMEOUT = 20


def make_setting(name):
    """What the Makefile gives to the compiler, so that a mutant is built like the program."""
    out = subprocess.run(["make", "-s", "-f", "Makefile", "-f", "-", "mutate-setting"], check=True, capture_output=True,
                         text=True, input=f"mutate-setting:\n\t@echo '$({name})'\n").stdout
    return shlex.split(out)


def read_equivalent(path):
    known = {}
    with open(path, encoding="ascii") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                file, function, change, text, reason = line.rstrip("\n").split("\t")
                known[file, function, change, text] = reason
    return known


class Subject:
    """A file under test: its mutants, and the programs that hold them."""

    def __init__(self, path, build, folder):
        self.path = path
        flags = [f for f in make_setting("CPPFLAGS") if f.startswith("-I")] + make_setting("CSTD")
        self.file = mutants.File(path, flags)
        stem = os.path.join(folder, path.replace("/", "_")[:-2])
        with open(stem + ".c", "w", encoding="ascii") as f:
            f.write(self.file.text())
        run(["cc", *flags, "-Ilib", "-O1", "-w", "-c", "-o", stem + ".o", stem + ".c"])
        if not self.file.mutants:
            sys.exit(f"mutate: no decision is found in {path}")
        self.programs = []
        for test in FILES[path]:
            program = f"{stem}-{test}"
            archives = [f"{build}/lib{name}.a" for name in ("ca", "cli", "hsm", "mattercert")]
            # The file's own symbols come first, so the archive's are not taken.
            run(["cc", "-pie", "-o", program, f"{build}/tests/unit/{test}.o", stem + ".o", *archives, "-lcmocka",
                 *make_setting("HEDDLE_LIBS")])
            self.programs.append(program)
        self.name_mutants()

    def name_mutants(self):
        """A key that survives other changes of the file; the same text twice in a function gets a number."""
        seen = collections.Counter()
        for m in self.file.mutants:
            key = (m.function, m.change, m.text)
            seen[key] += 1
            m.key = (self.path, m.function, m.change, m.text + (f" #{seen[key]}" if seen[key] > 1 else ""))

    def is_noticed(self, number):
        return any(not passes(program, number) for program in self.programs)


def run(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"mutate: {' '.join(command)}\n{done.stderr[:2000]}")


def passes(program, number):
    try:
        done = subprocess.run([program], env=dict(ENVIRONMENT, MUTANT=str(number)), stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def judge(subject, pool, equivalent):
    """Counts of one file: all, noticed, equivalent; and what is to be told."""
    for program in subject.programs:
        if not passes(program, 0):
            sys.exit(f"mutate: {program} fails without a mutant")
    noticed, same, told = 0, 0, []
    for m, caught in zip(subject.file.mutants,
                         pool.map(lambda m: subject.is_noticed(m.number), subject.file.mutants)):
        reason = equivalent.pop(m.key, None)
        noticed += caught
        same += reason is not None and not caught
        if reason is not None and caught:
            told.append("equivalent.tsv is wrong, this is noticed: " + "\t".join(m.key))
        elif reason is None and not caught:
            told.append(f"not noticed: {subject.path}:{m.line}\t" + "\t".join(m.key[1:]))
    return len(subject.file.mutants), noticed, same, told


def main():
    build, paths = sys.argv[1], sys.argv[2:] or list(FILES)
    here = os.path.dirname(os.path.abspath(__file__))
    equivalent = read_equivalent(os.path.join(here, "equivalent.tsv"))
    equivalent = {key: reason for key, reason in equivalent.items() if key[0] in paths}
    total, wrong = [0, 0, 0], False
    print(f"{'file':<24} {'mutants':>8} {'noticed':>8} {'same':>5} {'%':>6}")
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(
            int(os.environ.get("JOBS", "2"))) as pool:
        for path in paths:
            subject = Subject(path, build, os.environ.get("KEEP", folder))
            n, noticed, same, told = judge(subject, pool, equivalent)
            print(f"{path:<24} {n:>8} {noticed:>8} {same:>5} {100 * noticed / max(1, n - same):>6.1f}", flush=True)
            for line in told:
                print("  " + line)
                wrong = wrong or re.match("equivalent", line) is not None
            total = [a + b for a, b in zip(total, (n, noticed, same))]
    for key in equivalent:
        print("equivalent.tsv fits no mutant: " + "\t".join(key))
    share = 100 * total[1] / max(1, total[0] - total[2])
    print(f"{'all':<24} {total[0]:>8} {total[1]:>8} {total[2]:>5} {share:>6.1f}")
    sys.exit(1 if share < GOAL or wrong or equivalent else 0)


main()
