#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the storage of controllers in the layouts of their public sources, for tests of `fabric adopt --from`.

    storage.py FORM OUT NAME=VALUE...

FORM: chip-tool (an ini file), python (chip.json and a file of nodes, in the folder OUT), matterjs-file, matterjs-old,
matterjs-json, matterjs-wal, matterjs-sqlite (a folder each).
NAME=VALUE: root=DER root_key=DER [ica=DER ica_key=DER] fabric=0xID [noc=TLV] [node=TLV]... [id=0xID]... of nodes that have
no NOC in it, [ipk=HEX] [ca=INDEX] [sec1=1] [rcac=TLV icac=TLV]. Certificates are files in DER or TLV as named, keys SEC 1 in DER.
"""
import base64
import gzip
import hashlib
import hmac
import json
import os
import sqlite3
import struct
import sys

form, out = sys.argv[1], sys.argv[2]
given = {}
for pair in sys.argv[3:]:
    name, value = pair.split("=", 1)
    given.setdefault(name, []).append(value)


def one(name, default=None):
    return given.get(name, [default])[-1]


def read(name):
    path = one(name)
    return open(path, "rb").read() if path else None


def hkdf(ikm, salt, info, n):
    prk = hmac.new(salt, ikm, hashlib.sha256).digest()
    return hmac.new(prk, info + b"\1", hashlib.sha256).digest()[:n]


def pair_of(der):
    """Scalar and point of a SEC 1 key."""
    at = der.index(b"\x04\x20") + 2
    return der[at : at + 32], der[der.rindex(b"\x03\x42\x00") + 3 :][:65]


fabric = int(one("fabric"), 0)
ca = int(one("ca", "1"), 0)
ipk = bytes.fromhex(one("ipk", b"temporary ipk 01".hex()))
root_scalar, root_point = pair_of(read("root_key"))
compressed = hkdf(root_point[1:], struct.pack(">Q", fabric), b"CompressedFabric", 8)
operational = hkdf(ipk, compressed, b"GroupKey v1.0", 16)
nodes = [open(path, "rb").read() for path in given.get("node", [])]


def node_id(noc):
    """Of a NOC in TLV, whose subject has the tags 17 (node id) and 21 (fabric id)."""
    for control, size in ((0x24, 1), (0x25, 2), (0x26, 4), (0x27, 8)):
        at = noc.find(bytes([control, 17]))
        if at >= 0:
            return int.from_bytes(noc[at + 2 : at + 2 + size], "little")
    raise SystemExit("no node id")


def key_set():
    def key(value):
        return b"\x15\x24\x04\x00\x24\x05\x00\x30\x06\x10" + value + b"\x18"

    return b"\x15\x24\x01\x00\x24\x02\x01\x36\x03" + key(operational) + 2 * key(bytes(16)) + b"\x18\x25\x07\xff\xff\x18"


# --- the SDK's controllers -----------------------------------------------------------------------------------


def serialized(name):
    der = read(name)
    return der if one("sec1") else pair_of(der)[1] + pair_of(der)[0]


def sdk_values():
    values = {
        "ExampleOpCredsCAKey%x" % ca: serialized("root_key"),
        "ExampleCARootCert%x" % ca: read("root"),
        "g/fidx": b"\x15\x24\x00\x02\x36\x01\x04\x01\x18\x18",
        "g/lkgt": bytes.fromhex("1526000000000018"),
    }
    # The example issuer always makes a key for an ICA; whether it has a certificate is another matter.
    values["ExampleOpCredsICAKey%x" % ca] = serialized("ica_key" if one("ica_key") else "root_key")
    if one("ica"):
        values["ExampleCAIntermediateCert%x" % ca] = read("ica")
    if one("noc"):
        values["f/1/n"] = read("noc")
        values["f/1/r"] = read("rcac")
        if one("icac"):
            values["f/1/i"] = read("icac")
        values["f/1/k/0"] = key_set()
    ids = [node_id(n) for n in nodes] + [int(i, 0) for i in given.get("id", [])]
    for i in ids:
        values["f/1/s/%016X" % i] = bytes.fromhex("153001104142434445464748494a4b4c4d4e4f5018")
    return {name: base64.b64encode(value).decode() for name, value in values.items()}


def write(path, text):
    with open(path, "wb" if isinstance(text, bytes) else "w") as f:
        f.write(text)
    os.chmod(path, 0o600)


def chip_tool():
    lines = ["[Default]"]
    for name, value in sorted(sdk_values().items()):
        escaped = "".join(c if 0x20 < ord(c) < 0x7F and c not in "=\\" else "\\x%02x" % ord(c) for c in name)
        lines.append(escaped + "=" + value)
    lines += ["a\\x20key\\x3dof\\x5cits\\x20own=AQ==", "LocalNodeId=aQEAAAAAAAA=", ""]
    write(out, "\n".join(lines) + "\n")


def python():
    os.makedirs(out, exist_ok=True)
    path = os.path.join(out, "chip.json")
    data = json.load(open(path)) if os.path.exists(path) else {"repl-config": {"caList": {}}, "sdk-config": {}}
    values = sdk_values()
    if data["sdk-config"]:
        values = {k: v for k, v in values.items() if k.startswith("Example")}
    data["sdk-config"].update(values)
    data["repl-config"]["caList"].setdefault(str(ca), []).append({"fabricId": fabric, "vendorId": 65521})
    write(path, json.dumps(data, indent=4))
    described = {}
    for noc in nodes:
        attributes = {
            "0/40/5": "a \\\"lamp\\\" of 18446744073709551615",
            "0/53/4": 18446744073709551615,
            "0/62/0": [{"1": base64.b64encode(noc).decode(), "2": None, "254": 1}],
            "1/1026/0": float("nan"),
            "1/1026/1": -9223372036854775808,
            "1/6/0": False,
        }
        described[str(node_id(noc))] = {"node_id": node_id(noc), "available": True, "attributes": attributes}
    for i in given.get("id", []):
        described[str(int(i, 0))] = {"node_id": int(i, 0), "available": False, "attributes": {}}
    if described:
        name = "%d.json" % int.from_bytes(compressed, "big")
        write(os.path.join(out, name), json.dumps({"vendor_info": {}, "last_node_id": 9, "nodes": described}))


# --- matter.js -------------------------------------------------------------------------------------------------


def wrapped(kind, value):
    return json.dumps({"__object__": kind, "__value__": value}, separators=(",", ":"))


def octets(value):
    return wrapped("Uint8Array", value.hex())


def big(value):
    return wrapped("BigInt", str(value))


def keys(name):
    scalar, point = pair_of(read(name))
    return {"publicKey": octets(point), "privateKey": octets(scalar)}


def matterjs(old=False):
    authority = {
        "rootCertId": big(0),
        "rootKeyIdentifier": octets(hashlib.sha1(root_point).digest()),
        "rootCertBytes": octets(read("rcac")),
        "rootKeyPair": keys("root_key"),
        "nextCertificateId": big(7),
    }
    if one("icac"):
        authority.update(
            icacCertId=big(1), icacKeyPair=keys("ica_key"), icacCertBytes=octets(read("icac")), icacKeyIdentifier=octets(bytes(20))
        )
    config = {
        "fabricIndex": 1,
        "fabricId": wrapped("FabricId", str(fabric)) if old else big(fabric),
        "rootCert": octets(read("rcac")),
        "identityProtectionKey": octets(ipk),
        "operationalIdentityProtectionKey": octets(operational),
        "operationalCert": octets(read("noc")),
        "vidVerificationStatement": json.dumps({"__object__": "Undefined"}),
        "label": "of a test",
    }
    db = {"credentials" if old else "certificates": authority, "sessions": {"groupDataCounter": 5}}
    if old:
        authority["fabric"] = config
        ids = [node_id(n) for n in nodes] + [int(i, 0) for i in given.get("id", [])]
        db["nodes"] = {"commissionedNodes": [[wrapped("NodeId", str(i)), {}] for i in ids]}
        return db
    db["fabrics"] = {"fabrics": [config], "nextFabricIndex": 2}
    for number, noc in enumerate(nodes, 1):
        base = "nodes.peer%d.endpoints.0." % number
        db[base + "commissioning"] = {"peerAddress": {"fabricIndex": 1, "nodeId": big(node_id(noc))}, "vendorId": 65521}
        db[base + "62"] = {"0": [{"noc": octets(noc), "icac": None, "fabricIndex": 1}]}
        db[base + "40"] = {"5": "a lamp"}
    for number, i in enumerate(given.get("id", []), 50):
        db["nodes.peer%d.endpoints.0.commissioning" % number] = {"peerAddress": {"fabricIndex": 1, "nodeId": big(int(i, 0))}}
    return db


def text_of(value):
    return json.dumps(value, separators=(",", ":"))


def matterjs_file(db):
    for context, values in db.items():
        for name, value in values.items():
            write(os.path.join(out, context + "." + name), text_of(value))
    write(os.path.join(out, "driver.json"), '{"kind": "file", "type": "kv"}')


def matterjs_wal(db):
    """Half in the snapshot, which the log corrects; a commit that the snapshot has already; a line that was cut off."""
    names = sorted(db)
    early = {name: dict(db[name]) for name in names[: len(names) // 2]}
    early["certificates"] = {**early.get("certificates", db["certificates"]), "rootCertBytes": octets(b"old")}
    early["nodes.peer99.endpoints.0.commissioning"] = {"peerAddress": {"fabricIndex": 1, "nodeId": big(99)}}
    snapshot = {"commitId": {"segment": 1, "offset": 0}, "ts": 1, "data": early}
    write(os.path.join(out, "snapshot.json.gz"), gzip.compress(json.dumps(snapshot, indent=2).encode()))
    wal = os.path.join(out, "wal")
    os.makedirs(wal)
    poison = text_of({"ts": 1, "ops": [{"op": "del", "key": ""}]})
    late = [text_of({"ts": 2, "ops": [{"op": "upd", "key": name, "values": db[name]}]}) for name in names]
    drop = text_of({"ts": 3, "ops": [{"op": "del", "key": "nodes.peer99"}]})
    write(os.path.join(wal, "00000001.jsonl.gz"), gzip.compress(("\n".join([poison] + late) + "\n").encode()))
    write(os.path.join(wal, "00000002.jsonl"), drop + "\n" + poison[: len(poison) // 2])
    write(os.path.join(out, "driver.json"), '{"kind": "wal", "type": "kv"}')


def matterjs_sqlite(db):
    file = sqlite3.connect(os.path.join(out, "storage.db"))
    file.execute(
        "CREATE TABLE kvstore (context TEXT NOT NULL, key TEXT NOT NULL, value_type TEXT CHECK(value_type IN ('json', 'blob')),"
        " value_json TEXT, value_blob BLOB, CONSTRAINT PKPair PRIMARY KEY (context, key)) STRICT"
    )
    for context, values in db.items():
        for name, value in values.items():
            file.execute("INSERT INTO kvstore VALUES(?, ?, 'json', ?, NULL)", (context, name, text_of(value)))
    file.commit()
    file.close()
    write(os.path.join(out, "driver.json"), '{"kind": "sqlite", "type": "kv"}')


if form == "chip-tool":
    chip_tool()
elif form == "python":
    python()
else:
    os.makedirs(out)
    data = matterjs(form == "matterjs-old")
    if form in ("matterjs-file", "matterjs-old"):
        matterjs_file(data)
    elif form == "matterjs-json":
        write(os.path.join(out, "storage.json"), json.dumps(data, indent=1))
    elif form == "matterjs-wal":
        matterjs_wal(data)
    else:
        matterjs_sqlite(data)
