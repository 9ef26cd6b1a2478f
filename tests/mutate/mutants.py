# SPDX-License-Identifier: Apache-2.0
"""Makes all mutants of a C file at once: one file, in which the environment's MUTANT chooses which is live.

What is changed, each alone:
  ==  !=               the opposite
  <  <=  >  >=         the opposite; the limit one higher; the limit one lower
  && ||                each operand left out (taken for true under &&, for false under ||)
  !                    left out
  a plain condition    the opposite (of if, while, for, ?:)
  return of a bool     the opposite
  return of a code     accepted: MC_OK, or no cause; and MC_OK refused
  rc = check(...)      the check's refusal is not heard

Where things stand is read from clang's syntax tree, so that an operand is an operand and not a guess.
"""
import json
import os
import re
import subprocess

PRELUDE = """
#include <stdlib.h>
static int mutant_on;
__attribute__((constructor)) static void mutant_choose(void)
{
    const char *text = getenv("MUTANT");
    mutant_on = text != NULL ? atoi(text) : 0;
}
#define MUTANT_IS(n) (mutant_on == (n))
#define MUTANT_NOT(n, e) ((_Bool)(e) ^ MUTANT_IS(n))
#define MUTANT_TRUE(n, e) ((e) || MUTANT_IS(n))
#define MUTANT_FALSE(n, e) ((e) && !MUTANT_IS(n))
static inline __attribute__((unused)) enum mc_rc mutant_rc(int n, enum mc_rc rc)
{
    return MUTANT_IS(n) ? MC_OK : rc;
}
"""
RELATIONAL = ("<", "<=", ">", ">=")
# These tell the particulars and are always true: left out or not is the same.
ALWAYS_TRUE = ("mc_lint_say", "say_attr", "say_time", "say_oid", "say_record")
# Inside of a macro's text these cannot be changed from outside.
RESULTS = ("CallExpr", "UnaryOperator", "ConditionalOperator", "ImplicitCastExpr")


class Mutant:
    def __init__(self, number, function, line, change, text):
        self.number, self.function, self.line, self.change, self.text = number, function, line, change, text


class File:
    def __init__(self, path, flags):
        self.path = path
        with open(path, encoding="ascii") as f:
            self.source = f.read()
        # A compiler cache would hand over what is preprocessed, in which every place is another one.
        dump = subprocess.run(["clang", *flags, "-fsyntax-only", "-Xclang", "-ast-dump=json", path], check=True,
                              capture_output=True, env=dict(os.environ, CCACHE_DISABLE="1")).stdout
        self.tree = json.loads(dump)
        self.file = None
        self.edits = []  # (offset, order, text)
        self.mutants = []
        self.seen = set()
        self.function = None
        for node in self.tree["inner"]:
            self.top(node)

    # --- places -----------------------------------------------------------------------------------------

    def follow(self, node):
        """The dump names a file only where it changes; this keeps up with it over a whole subtree."""
        for key in ("loc", "range"):
            self.follow_place(node.get(key))
        for child in node.get("inner", []):
            self.follow(child)

    def follow_place(self, place):
        if not isinstance(place, dict):
            return
        if "file" in place:
            self.file = place["file"]
        for key in ("spellingLoc", "expansionLoc", "begin", "end"):
            self.follow_place(place.get(key))

    def extent(self, node):
        """Where an expression stands in the file, (begin, end); None if it comes out of a macro's middle."""
        first, whole_first = self.place(node["range"]["begin"])
        last, whole_last = self.place(node["range"]["end"])
        if first is None or last is None:
            return None
        # One macro's whole text is an operand only where it is a value by itself.
        if whole_first and whole_last and first["offset"] == last["offset"] and node["kind"] in RESULTS:
            return None
        stop = last["offset"] + last["tokLen"]
        if whole_last and self.source[stop:stop + 1] == "(":
            stop = self.closing(stop)
        return first["offset"], stop

    @staticmethod
    def place(where):
        """The token in this file, and whether it stands for a macro's whole text."""
        if "expansionLoc" not in where:
            place, whole = where, False
        elif where["expansionLoc"].get("isMacroArgExpansion"):
            place, whole = where["spellingLoc"], False
        else:
            place, whole = where["expansionLoc"], True
        return (None if "offset" not in place or place.get("includedFrom") else place), whole

    def closing(self, at):
        depth = 0
        while True:
            depth += {"(": 1, ")": -1}.get(self.source[at], 0)
            at += 1
            if depth == 0:
                return at

    # --- edits ------------------------------------------------------------------------------------------

    def wrap(self, node, change, before, after=")"):
        where = self.extent(node)
        if where is None or (where, change) in self.seen:
            return
        self.seen.add((where, change))
        number = len(self.mutants) + 1
        begin, end = where
        text = " ".join(self.source[begin:end].split())
        line = self.source.count("\n", 0, begin) + 1
        self.mutants.append(Mutant(number, self.function, line, change, text))
        size = end - begin
        # Outer ones open first and close last; of the same extent, the later one is the inner one.
        self.edits.append((begin, 1, -size, number, before.replace("%d", str(number))))
        self.edits.append((end, 0, size, -number, after.replace("%d", str(number))))

    def negate(self, node, change="opposite"):
        self.wrap(node, change, "MUTANT_NOT(%d, ")

    # --- the tree ---------------------------------------------------------------------------------------

    def top(self, node):
        for key in ("loc", "range"):
            self.follow_place(node.get(key))
        here = self.file == self.path
        if node["kind"] == "FunctionDecl" and here and node["inner"][-1]["kind"] == "CompoundStmt":
            self.function = node["name"]
            self.type = node["type"]["qualType"].split("(")[0].strip()
            self.walk(node["inner"][-1])
        for child in node.get("inner", []):
            self.follow(child)

    def bare(self, node):
        while node["kind"] in ("ImplicitCastExpr", "ParenExpr"):
            node = node["inner"][0]
        return node

    def is_decided(self, node):
        """A comparison, a boolean operator or a '!' changes by itself."""
        node = self.bare(node)
        return (node["kind"] == "BinaryOperator" and node["opcode"] in RELATIONAL + ("==", "!=", "&&", "||")) or \
            (node["kind"] == "UnaryOperator" and node["opcode"] == "!")

    def is_always_true(self, node):
        if node["kind"] != "CallExpr":
            return False
        callee = self.bare(node["inner"][0])
        return callee.get("referencedDecl", {}).get("name") in ALWAYS_TRUE

    def walk(self, node):
        kind = node["kind"]
        parts = [p for p in node.get("inner", []) if "kind" in p]
        if kind == "BinaryOperator":
            self.binary(node, parts)
        elif kind == "UnaryOperator" and node["opcode"] == "!":
            self.negate(node)
        elif kind in ("IfStmt", "WhileStmt", "ConditionalOperator"):
            self.condition(parts[0])
        elif kind == "ForStmt":
            condition = node["inner"][2]
            if "kind" in condition:
                self.condition(condition)
        elif kind == "ReturnStmt" and parts:
            self.returned(parts[0])
        for part in parts:
            self.walk(part)

    def condition(self, node):
        if not self.is_decided(node):
            self.negate(node, "opposite")

    def binary(self, node, parts):
        op = node["opcode"]
        if op in ("==", "!="):
            self.negate(node)
        elif op in RELATIONAL:
            self.negate(node)
            self.wrap(parts[1], "limit+1", "((", ") + MUTANT_IS(%d))")
            self.wrap(parts[1], "limit-1", "((", ") - MUTANT_IS(%d))")
        elif op in ("&&", "||"):
            for part in parts:
                inner = self.bare(part)
                if not self.is_always_true(inner) and (inner["kind"] != "BinaryOperator" or inner["opcode"] != op):
                    self.wrap(part, "operand left out", "MUTANT_TRUE(%d, " if op == "&&" else "MUTANT_FALSE(%d, ")
        elif op == "=" and node["type"]["qualType"] == "enum mc_rc":
            if self.bare(parts[1])["kind"] == "CallExpr":
                self.wrap(parts[1], "refusal not heard", "mutant_rc(%d, ")

    def returned(self, node):
        where = self.extent(node)
        text = self.source[where[0]:where[1]] if where else ""
        if self.type in ("bool", "_Bool"):
            if not self.is_decided(node):
                self.negate(node)
        elif self.type == "enum mc_rc":
            if text == "MC_OK":
                self.wrap(node, "refused", "(MUTANT_IS(%d) ? MC_E_INTERNAL : ")
            else:
                self.wrap(node, "accepted", "mutant_rc(%d, ")
        elif self.type == "struct cause" and text != "fine" and self.bare(node)["kind"] != "CompoundLiteralExpr":
            self.wrap(node, "accepted", "(MUTANT_IS(%d) ? fine : ")

    # --- the result -------------------------------------------------------------------------------------

    def text(self):
        out, at = [], 0
        for offset, _, _, _, text in sorted(self.edits):
            out.append(self.source[at:offset])
            out.append(text)
            at = offset
        out.append(self.source[at:])
        whole = "".join(out)
        end = list(re.finditer(r'^#include [<"].*\.h[>"]\n', whole, re.M))[-1].end()  # not that of a table's rows
        return whole[:end] + PRELUDE + whole[end:]
