# SPDX-License-Identifier: Apache-2.0
"""Checks a SARIF 2.1.0 log strictly: sarif.py FILE. What is wrong is printed, and the status is 1.

Only objects that the linter writes are known here; of these every property must be one that SARIF defines, with its
type and limits. Then what GitHub code scanning asks for beyond SARIF.
"""
import json
import re
import sys
from urllib.parse import urlsplit

LEVELS = ("none", "note", "warning", "error")
URI = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*")


def a_string(v):
    return isinstance(v, str) or "a string is wanted"


def text(v):
    return (isinstance(v, str) and v.strip() == v and v != "") or "text is wanted"


def rule_id(v):
    return (isinstance(v, str) and re.fullmatch(r"[A-Za-z0-9/_.-]+", v) is not None) or "an id is wanted"


def one_of(*allowed):
    return lambda v: v in allowed or f"one of {allowed} is wanted"


def number_from(least):
    return lambda v: (isinstance(v, int) and not isinstance(v, bool) and v >= least) or f"a number from {least} is wanted"


def uri_reference(v):
    return (isinstance(v, str) and v != "" and URI.fullmatch(v) is not None) or "a URI reference is wanted"


def uri(v):
    return (uri_reference(v) is True and urlsplit(v).scheme != "") or "an absolute URI is wanted"


def a_bag(v):
    return isinstance(v, dict) or "a property bag is wanted"


def strings(v):
    return (isinstance(v, dict) and all(isinstance(x, str) for x in v.values())) or "an object of strings is wanted"


def version(v):
    return (isinstance(v, str) and re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?", v) is not None) or \
        "a semantic version is wanted"


# name: (required properties, {property: check}). A name of an object is a check too; [name] is an array of them.
OBJECTS = {
    "log": (("version", "runs"), {"$schema": uri, "version": one_of("2.1.0"), "runs": ["run"], "properties": a_bag}),
    "run": (("tool",), {"tool": "tool", "results": ["result"], "columnKind": one_of("utf16CodeUnits", "unicodeCodePoints")}),
    "tool": (("driver",), {"driver": "toolComponent"}),
    "toolComponent": (("name",), {"name": text, "version": text, "semanticVersion": version, "informationUri": uri,
                                  "rules": ["reportingDescriptor"], "properties": a_bag}),
    "reportingDescriptor": (("id",), {"id": rule_id, "name": text, "shortDescription": "multiformat", "fullDescription": "multiformat",
                                      "help": "multiformat", "helpUri": uri, "defaultConfiguration": "configuration",
                                      "properties": a_bag}),
    "multiformat": (("text",), {"text": text, "markdown": text}),
    "configuration": ((), {"enabled": one_of(True, False), "level": one_of(*LEVELS)}),
    "message": ((), {"text": text, "markdown": text, "id": text}),
    "result": (("message",), {"ruleId": rule_id, "ruleIndex": number_from(-1), "kind": one_of("fail"), "level": one_of(*LEVELS),
                              "message": "message", "locations": ["location"], "partialFingerprints": strings}),
    "location": ((), {"physicalLocation": "physicalLocation"}),
    "physicalLocation": (("artifactLocation",), {"artifactLocation": "artifactLocation", "region": "region"}),
    "artifactLocation": ((), {"uri": uri_reference, "uriBaseId": a_string, "index": number_from(-1)}),
    "region": ((), {"startLine": number_from(1), "startColumn": number_from(1), "endLine": number_from(1),
                    "endColumn": number_from(1)}),
}
wrong = []


def check(value, what, place):
    if isinstance(what, list):
        if not isinstance(value, list):
            wrong.append(f"{place}: an array is wanted")
            return
        for i, item in enumerate(value):
            check(item, what[0], f"{place}[{i}]")
    elif isinstance(what, str):
        check_object(value, what, place)
    elif what(value) is not True:
        wrong.append(f"{place}: {what(value)}, not {value!r}")


def check_object(value, name, place):
    required, known = OBJECTS[name]
    if not isinstance(value, dict):
        wrong.append(f"{place}: an object is wanted")
        return
    for key in required:
        if key not in value:
            wrong.append(f"{place}: {key} is missing")
    for key, item in value.items():
        if key not in known:
            wrong.append(f"{place}: {name} has no {key}")
        else:
            check(item, known[key], f"{place}.{key}")


def same(found, wanted, place):
    if found != wanted:
        wrong.append(f"{place}: {found!r} instead of {wanted!r}")


def check_sense(log):
    """What SARIF says in words: a result's rule is the one at its index, ids are unique, regions do not end before they begin."""
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        if len({r["id"] for r in rules}) != len(rules):
            wrong.append("a rule id stands twice")
        for i, r in enumerate(run["results"]):
            place = f"results[{i}]"
            index = r.get("ruleIndex", -1)
            if not 0 <= index < len(rules):
                wrong.append(f"{place}: ruleIndex {index} is no rule")
                continue
            same(r["ruleId"], rules[index]["id"], place)
            same(r["level"], rules[index]["defaultConfiguration"]["level"], place)
            for where in r["locations"]:
                region = where["physicalLocation"]["region"]
                if (region["endLine"], region["endColumn"]) < (region["startLine"], region["startColumn"]):
                    wrong.append(f"{place}: the region ends before it begins")


def check_github(log):
    """What code scanning documents as required, and its limits."""
    for run in log["runs"]:
        rules, results = run["tool"]["driver"]["rules"], run["results"]
        if len(rules) > 25000 or len(results) > 25000:
            wrong.append("more rules or results than code scanning takes")
        for r in rules:
            for key in ("shortDescription", "fullDescription", "help"):
                if len(r[key]["text"]) > 1024:
                    wrong.append(f"{r['id']}: {key} is too long")
            if len(r["properties"]["tags"]) > 20 or r["properties"]["problem.severity"] not in ("error", "warning", "recommendation"):
                wrong.append(f"{r['id']}: tags or severity")
        seen = set()
        for r in results:
            where, = r["locations"]
            place = where["physicalLocation"]
            same(sorted(place["region"]), ["endColumn", "endLine", "startColumn", "startLine"], r["ruleId"])
            print_ = (r["ruleId"], place["artifactLocation"]["uri"], r["partialFingerprints"]["primaryLocationLineHash"])
            if print_ in seen:
                wrong.append(f"two results cannot be told apart: {print_}")
            seen.add(print_)


with open(sys.argv[1], encoding="utf-8") as f:
    whole = json.load(f)
check(whole, "log", "log")
if not wrong:
    check_sense(whole)
    check_github(whole)
for line in wrong[:20]:
    print(line)
sys.exit(1 if wrong else 0)
