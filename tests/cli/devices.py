# SPDX-License-Identifier: Apache-2.0
"""Devices for tests of `heddle factory`, made without heddle: certificates by openssl, all else computed here.

devices.py make FOLDER COUNT [custom]   FOLDER gets paa, pai and dac (.der, .key) once; prints COUNT records, heddle.device/1
devices.py case FOLDER OUT               a commissioner case of the published vectors: OUT.record, OUT.cd; prints its product id
devices.py nvs FILE                     checks an NVS CSV by the rules of ESP-IDF's generator and prints its values as JSON
devices.py nrf FILE                     checks the JSON of the nRF Connect SDK by its schema
devices.py picture                      a picture of a QR code made of block characters (stdin) as PBM
"""
import base64
import csv
import hashlib
import json
import os
import re
import subprocess
import sys

P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
N = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
G = (0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
     0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5)


def add(a, b):
    if a is None or b is None:
        return a or b
    if a[0] == b[0] and (a[1] + b[1]) % P == 0:
        return None
    if a == b:
        m = (3 * a[0] * a[0] - 3) * pow(2 * a[1], -1, P) % P
    else:
        m = (b[1] - a[1]) * pow(b[0] - a[0], -1, P) % P
    x = (m * m - a[0] - b[0]) % P
    return x, (m * (a[0] - x) - a[1]) % P


def times(k, point):
    out = None
    while k:
        if k & 1:
            out = add(out, point)
        point, k = add(point, point), k >> 1
    return out


def octets(point):
    return b"\4" + point[0].to_bytes(32, "big") + point[1].to_bytes(32, "big")


def verifier(passcode, salt, iterations):
    ws = hashlib.pbkdf2_hmac("sha256", passcode.to_bytes(4, "little"), salt, iterations, 80)
    w0, w1 = int.from_bytes(ws[:40], "big") % N, int.from_bytes(ws[40:], "big") % N
    return w0.to_bytes(32, "big") + octets(times(w1, G))


def qr(vid, pid, flow, rendezvous, discriminator, passcode):
    bits = at = 0
    for width, value in ((3, 0), (16, vid), (16, pid), (2, flow), (8, rendezvous), (12, discriminator), (27, passcode)):
        bits, at = bits | value << at, at + width
    raw, text = bits.to_bytes(11, "little"), "MT:"
    for i in range(0, 11, 3):
        group = raw[i:i + 3]
        value = int.from_bytes(group, "little")
        for _ in range((0, 2, 4, 5)[len(group)]):
            text += "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-."[value % 38]
            value //= 38
    return text


D5 = ("0123456789", "1234067895", "2340178956", "3401289567", "4012395678",
      "5987604321", "6598710432", "7659821043", "8765932104", "9876543210")


def manual(vid, pid, flow, discriminator, passcode):
    d = discriminator >> 8
    text = "%d%05d%04d" % ((d >> 2) + (4 if flow else 0), (passcode & 0x3FFF) + ((d & 3) << 14), passcode >> 14)
    if flow:
        text += "%05d%05d" % (vid, pid)
    c = 0
    for i, digit in enumerate(reversed(text), 1):
        x = int(digit)
        for _ in range(i):
            x = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[x]
        c = int(D5[c][x])
    return text + str(5 - c if 1 <= c <= 4 else c)


CONFIG = """
[req]
distinguished_name = dn
prompt = no
string_mask = utf8only
[dn]
[paa]
basicConstraints = critical,CA:TRUE,pathlen:1
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[pai]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[dac]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
"""


def openssl(*args):
    return subprocess.run(("openssl",) + args, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def certificate(folder, name, subject, issuer):
    def path(kind):
        return os.path.join(folder, kind)
    if os.path.exists(path(name + ".der")):
        return
    openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path(name + ".key"))
    openssl("req", "-new", "-config", path("openssl.cnf"), "-key", path(name + ".key"), "-subj", subject, "-out", path(name + ".csr"))
    sign = ("-signkey", path(name + ".key")) if issuer is None else (
        "-CA", path(issuer + ".pem"), "-CAkey", path(issuer + ".key"))
    openssl("x509", "-req", "-in", path(name + ".csr"), *sign, "-set_serial", "0x1" + os.urandom(8).hex(), "-sha256", "-days", "3650",
            "-extfile", path("openssl.cnf"), "-extensions", name, "-out", path(name + ".pem"))
    openssl("x509", "-in", path(name + ".pem"), "-outform", "DER", "-out", path(name + ".der"))


def b64(raw):
    return base64.b64encode(raw).decode()


def make(folder, count, flow):
    with open(os.path.join(folder, "openssl.cnf"), "w") as f:
        f.write(CONFIG)
    certificate(folder, "paa", "/CN=Test PAA Mvid:FFF1", None)
    certificate(folder, "pai", "/CN=Test PAI Mvid:FFF1", "paa")
    certificate(folder, "dac", "/CN=Test DAC Mvid:FFF1 Mpid:8000", "pai")
    der = {n: open(os.path.join(folder, n + ".der"), "rb").read() for n in ("pai", "dac")}
    text = openssl("ec", "-in", os.path.join(folder, "dac.key"), "-text", "-noout").decode()
    key = int("".join(re.search(r"priv:\n((?:\s+[0-9a-f:]+\n)+)", text).group(1).split()).replace(":", ""), 16)
    for i in range(count):
        passcode = 1 + int.from_bytes(hashlib.sha256(b"passcode %d" % i).digest()[:8], "big") % 99999998
        if passcode % 11111111 == 0 or passcode in (12345678, 87654321):
            passcode = 20202021
        discriminator, salt = i * 37 % 4096, hashlib.sha256(b"salt %d" % i).digest()
        print(json.dumps({
            "schema": "heddle.device/1", "id": "device-%04d" % i, "vid": "0xFFF1", "pid": "0x8000",
            "serial_number": "SN%06d" % i, "dac": b64(der["dac"]), "pai": b64(der["pai"]),
            "key": b64(key.to_bytes(32, "big")), "discriminator": discriminator, "passcode": passcode,
            "spake2p": {"iterations": 1000, "salt": b64(salt), "verifier": b64(verifier(passcode, salt, 1000))},
            "rotating_id": b64(salt[:16]), "flow": ("standard", "user-action", "custom")[flow], "rendezvous": 2,
            "qr": qr(0xFFF1, 0x8000, flow, 2, discriminator, passcode),
            "manual": manual(0xFFF1, 0x8000, flow, discriminator, passcode)}))


def subject_id(der, number, prefix):
    """The last VID or PID in a certificate: as an attribute, else in the common name."""
    found = re.findall(b"\x06\x0a\x2b\x06\x01\x04\x01\x82\xa2\x7c\x02" + number + b"\x0c\x04([0-9A-F]{4})", der) or re.findall(
        prefix + b"([0-9A-F]{4})", der)
    return int(found[-1], 16) if found else 0xFFF1


def case(folder, out):
    with open(os.path.join(folder, "test_case_vector.json")) as f:
        v = json.load(f)
    dac = bytes.fromhex(v["dac_cert"])
    vid, pid, salt = subject_id(dac, b"\x01", b"Mvid:"), subject_id(dac, b"\x02", b"Mpid:"), b"SPAKE2P Key Salt"
    with open(out + ".record", "w") as f:
        print(json.dumps({
            "schema": "heddle.device/1", "id": os.path.basename(folder), "vid": "0x%04X" % vid, "pid": "0x%04X" % pid,
            "serial_number": "1", "dac": b64(dac), "pai": b64(bytes.fromhex(v["pai_cert"])),
            "key": b64(bytes.fromhex(v["dac_private_key"])), "discriminator": 3840, "passcode": 20202021,
            "spake2p": {"iterations": 1000, "salt": b64(salt), "verifier":
                        "uWFwqugDNGiEck/po7KHwwMwwqZgN10XuyBajPGuyzUEV/iree4lOrao5GuwnlQ65CJzbeUB49s31EH+NEkg"
                        "0JVI5MGCQGMMT/SRPFNRODm3wH/MBiehuFc6FJ/NH6Rmzw=="},
            "rotating_id": b64(salt), "flow": "standard", "rendezvous": 2, "qr": qr(vid, pid, 0, 2, 3840, 20202021),
            "manual": manual(vid, pid, 0, 3840, 20202021)}), file=f)
    with open(out + ".cd", "wb") as f:
        f.write(bytes.fromhex(v["certification_declaration"]))
    print("0x%04X" % int(v["basic_info_pid"]))


NVS = {  # key: (encoding, least and most octets or value)
    "discriminator": ("u32", 0, 4095), "iteration-count": ("u32", 1000, 100000), "salt": ("string", 24, 44),
    "verifier": ("string", 132, 132), "dac-cert": ("blob", 1, 600), "dac-key": ("blob", 32, 32),
    "dac-pub-key": ("blob", 65, 65), "pai-cert": ("blob", 1, 600), "cert-dclrn": ("blob", 1, 790),
    "vendor-id": ("u32", 1, 0xFFF4), "product-id": ("u32", 1, 0xFFFF), "vendor-name": ("string", 1, 32),
    "product-name": ("string", 1, 32), "hardware-ver": ("u32", 0, 0xFFFF), "hw-ver-str": ("string", 1, 64),
    "mfg-date": ("string", 8, 16), "serial-num": ("string", 1, 32), "rd-id-uid": ("blob", 16, 32),
    "product-finish": ("u32", 0, 5), "product-color": ("u32", 0, 20), "part-number": ("string", 1, 32),
    "product-label": ("string", 1, 64), "product-url": ("string", 1, 256)}


def nvs(path):
    with open(path, newline="", encoding="utf8") as f:
        rows = list(csv.reader(f, strict=True))
    assert rows[0] == ["key", "type", "encoding", "value"], rows[0]
    assert rows[1] == ["chip-factory", "namespace", "", ""], rows[1]
    out = {}
    for key, kind, encoding, value in rows[2:]:
        want, least, most = NVS[key]
        assert len(key) <= 15 and key not in out and kind == "data", key
        if want == "u32":
            assert encoding == "u32" and least <= int(value) <= most, key
            out[key] = int(value)
        elif want == "string":
            assert encoding == "string" and least <= len(value.encode()) <= most, key
            out[key] = value
        else:
            raw = {"hex2bin": bytes.fromhex, "base64": base64.b64decode}[encoding](value)
            assert least <= len(raw) <= most, key
            out[key] = raw.hex()
    needed = {"discriminator", "iteration-count", "salt", "verifier", "dac-cert", "dac-pub-key", "pai-cert", "vendor-id",
              "product-id", "serial-num"}
    assert needed <= set(out), needed - set(out)
    print(json.dumps(out))


NRF = {  # name: (required, type, least and most: value, characters or octets)
    "version": (1, "int", 0, 65535), "sn": (1, "text", 0, 32), "vendor_id": (1, "int", 0, 65524),
    "product_id": (1, "int", 1, 65535), "vendor_name": (1, "text", 0, 32), "product_name": (1, "text", 0, 32),
    "product_label": (0, "text", 0, 64), "product_url": (0, "text", 0, 256), "part_number": (0, "text", 0, 32),
    "date": (1, "date", 10, 10), "hw_ver": (1, "int", 0, 65535), "hw_ver_str": (1, "text", 1, 64),
    "sw_ver_str": (0, "text", 1, 64), "rd_uid": (0, "hex", 16, 32), "dac_cert": (1, "hex", 1, 600),
    "dac_key": (1, "hex", 32, 32), "pai_cert": (1, "hex", 1, 600), "passcode": (0, "int", 1, 99999998),
    "spake2_it": (1, "int", 1000, 100000), "spake2_salt": (1, "hex", 16, 32), "spake2_verifier": (1, "hex", 97, 97),
    "discriminator": (1, "int", 0, 4095), "enable_key": (0, "hex", 16, 16), "product_finish": (0, "int", 0, 5),
    "primary_color": (0, "int", 0, 20), "user": (0, "object", 0, 0)}


def no_twice(pairs):
    assert len(dict(pairs)) == len(pairs), "a member is there twice"
    return dict(pairs)


def nrf(path):
    with open(path, encoding="utf8") as f:
        data = json.load(f, object_pairs_hook=no_twice)
    for name, value in data.items():
        _, kind, least, most = NRF[name]
        if kind == "int":
            assert type(value) is int and least <= value <= most, name
        elif kind == "text":
            assert type(value) is str and least <= len(value) <= most, name
        elif kind == "date":
            assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", value), name
        elif kind == "hex":
            assert re.fullmatch(r"hex:([0-9A-Fa-f]{2})+", value) and least <= (len(value) - 4) // 2 <= most, name
    for name, (required, *_) in NRF.items():
        assert not required or name in data, name
    print(json.dumps(data))


def picture():
    """Light modules are blocks, or dark ones where the text turns the colours round."""
    text = sys.stdin.read()
    dark_blocks = "\x1b[" in text
    lines = [l for l in re.sub(r"\x1b\[[0-9;]*m", "", text).split("\n") if l and set(l) <= set(" \u2580\u2584\u2588")]
    width, scale = max(map(len, lines)), 4
    rows = []
    for line in lines:
        line = line.ljust(width)
        for half in ("\u2580\u2588", "\u2584\u2588"):
            rows.append([(c in half) == dark_blocks for c in line])
    print("P1\n%d %d" % (width * scale, len(rows) * scale))
    for row in rows:
        for _ in range(scale):
            print(" ".join(("1 " if dark else "0 ") * scale for dark in row))


command = sys.argv[1]
if command == "make":
    make(sys.argv[2], int(sys.argv[3]), 2 if "custom" in sys.argv[4:] else 0)
elif command == "case":
    case(sys.argv[2], sys.argv[3])
elif command == "picture":
    picture()
else:
    {"nvs": nvs, "nrf": nrf}[command](sys.argv[2])
