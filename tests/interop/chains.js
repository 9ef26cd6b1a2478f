// SPDX-License-Identifier: Apache-2.0
// chains.js - chains to be judged: right ones and broken ones, as { name, root, icac, noc } in Matter TLV.
// They come from matter.js's own CA, from `mattercert forge`, and from the SDK's vectors where these are at hand.
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";

import { PrivateKey } from "@matter/general";
import { CertificateAuthority, Noc } from "@matter/protocol";

const run = promisify(execFile);

const flipped = octets => {
    const copy = Buffer.from(octets);
    copy[copy.length - 10] ^= 1;
    return copy;
};

// What matter.js's CA issues, and what becomes of it when parts are exchanged.
export async function ofMatterJs(crypto) {
    const chains = [];
    const fabricId = 0xfab1n;

    for (const [kind, ica] of [["root only", false], ["root and ICA", true]]) {
        const [ca, other] = await Promise.all([0, 1].map(() => CertificateAuthority.create(crypto, {}, ica)));
        const { publicKey } = await crypto.createKeyPair();
        const issue = (from, fabric, node, cats) => from.generateNoc(publicKey, fabric, node, cats);
        const add = (name, noc, { root = ca.rootCert, icac = ca.icacCert } = {}) =>
            chains.push({ name: `matter.js/${kind}/${name}`, root, icac, noc });
        const noc = await issue(ca, fabricId, 1n);

        add("NOC", noc);
        add("smallest ids", await issue(ca, 1n, 1n));
        add("largest ids", await issue(ca, 0xffffffff_ffffffffn, 0xffffffef_ffffffffn));
        add("1 CAT", await issue(ca, fabricId, 2n, [0x00010001]));
        add("3 CATs", await issue(ca, fabricId, 3n, [0x7fff0001, 0x00020001, 0x0001ffff]));
        add("CAT of identifier 0xFFFF", await issue(ca, fabricId, 4n, [0xffff0001]));
        const later = await CertificateAuthority.create(crypto, { ...ca.config, nextCertificateId: 0x80n });
        add("serial number 128", await issue(later, fabricId, 5n));
        add("fabric id 0", await issue(ca, 0n, 1n));
        add("node id 0", await issue(ca, fabricId, 0n));
        add("node id of a group", await issue(ca, fabricId, 0xffffffff_ffff0001n));
        add("NOC of another CA", await issue(other, fabricId, 1n));
        add("root of another CA", noc, { root: other.rootCert });
        add("NOC with a wrong signature", flipped(noc));
        add("root with a wrong signature", noc, { root: flipped(ca.rootCert) });
        add("NOC as root", noc, { root: noc });
        add("root as NOC", ca.rootCert);
        add("root as ICAC", noc, { icac: ca.rootCert });
        if (ica) {
            add("ICAC missing", noc, { icac: undefined });
            add("ICAC of another CA", noc, { icac: other.icacCert });
            add("ICAC with a wrong signature", noc, { icac: flipped(ca.icacCert) });
            add("ICAC as root", noc, { root: ca.icacCert });
        } else {
            add("ICAC of another CA", noc, { icac: (await CertificateAuthority.create(crypto, {}, true)).icacCert });
        }
    }
    return chains;
}

// The faults that heddle's own tool can make; each broken certificate comes with the right ones around it.
export async function forged(mattercert, dir) {
    await run(mattercert, ["forge", "--all", "--form", "tlv", "--out", dir]);
    const valid = {};
    for (const kind of ["rcac", "icac", "noc"]) {
        valid[kind] = await readFile(`${dir}/${kind}-valid.tlv`);
    }
    const chains = [];
    for (const file of (await readdir(dir)).sort()) {
        const [, kind] = /^(rcac|icac|noc|firmware-signing|vvsc|network-identity)-.*\.tlv$/.exec(file) ?? [];
        const bytes = kind && (await readFile(`${dir}/${file}`));
        const { rcac: root, icac, noc } = { ...valid, [kind in valid ? kind : "noc"]: bytes };
        kind && chains.push({ name: `forged/${file.slice(0, -4)}`, root, icac, noc });
    }
    return chains;
}

// Every leaf under every root and every intermediate, right and wrong alike.
async function pairs(dir) {
    const read = async start => {
        const files = (await readdir(dir)).filter(f => f.startsWith(`sTestCert_${start}`) && /_Chip(Compact)?\.tlv$/.test(f));
        return Promise.all(files.sort().map(async file => ({
            name: file.slice("sTestCert_".length, -".tlv".length).replace(/_Chip$/, ""),
            bytes: await readFile(`${dir}/${file}`),
        })));
    };
    const none = { name: "no ICAC" };
    const leaves = [...(await read("Node")), ...(await read("FWSign")), ...(await read("PDCID"))];
    const chains = [];
    for (const root of await read("Root")) {
        for (const icac of [none, ...(await read("ICA"))]) {
            for (const noc of leaves) {
                const name = `vectors/${root.name}/${icac.name}/${noc.name}`;
                chains.push({ name, root: root.bytes, icac: icac.bytes, noc: noc.bytes });
            }
        }
    }
    return chains;
}

// A NOC that an authority with this name signed; its key identifier is the key's SHA-1.
async function leafOf(crypto, issuer, pair) {
    const [authority, { publicKey }] = [pair.subarray(0, 65), await crypto.createKeyPair()];
    const noc = new Noc({
        serialNumber: Buffer.from("01", "hex"),
        signatureAlgorithm: 1,
        publicKeyAlgorithm: 1,
        ellipticCurveIdentifier: 1,
        issuer,
        notBefore: 0x2f000000,
        notAfter: 0x40000000,
        subject: { nodeId: 0xdedededen, fabricId: FABRIC },
        ellipticCurvePublicKey: publicKey,
        extensions: {
            basicConstraints: { isCa: false },
            keyUsage: { digitalSignature: true },
            extendedKeyUsage: [2, 1],
            subjectKeyIdentifier: await crypto.computeHash(publicKey, "SHA-1"),
            authorityKeyIdentifier: await crypto.computeHash(authority, "SHA-1"),
        },
    });
    await noc.sign(crypto, PrivateKey(pair.subarray(65)));
    return noc.asSignedTlv();
}

const FABRIC = 0xfab00000_0000001dn;
const ICAC_NAME = { icacId: 0xcacacaca_00000003n, fabricId: FABRIC };
const RCAC_NAME = { rcacId: 0xcacacaca_00000001n };

// The SDK's broken certificates, each in its place in a chain. A broken authority gets a NOC of its own, in the
// name that all of its kind have; `broken` says that it is the authority that must be found bad.
async function errorCases(crypto, dir) {
    const signer = async name => Buffer.from(await readFile(`${dir}/signers/Chip-Test-${name}-Cert.chip-b64`, "ascii"), "base64");
    const [root1, icac2] = [await signer("Root01"), await signer("ICA02")];
    const root2 = await readFile(`${dir}/pairs/sTestCert_Root02_Chip.tlv`);
    const chains = [];

    for (const file of (await readdir(`${dir}/error-cases`)).filter(name => name.endsWith("-Cert.chip")).sort()) {
        const [, name, kind] = /^Chip-Test-(([A-Z]+)-.*)-Cert\.chip$/.exec(file);
        const bytes = await readFile(`${dir}/error-cases/${file}`);
        const pair = await readFile(`${dir}/error-cases/${file.replace("-Cert", "-Key")}`);
        const chain = { name: `vectors/${name}` };

        if (kind === "NOC") {
            Object.assign(chain, { root: root2, icac: icac2, noc: bytes });
        } else if (kind === "ICAC") {
            Object.assign(chain, { root: root1, icac: bytes, noc: await leafOf(crypto, ICAC_NAME, pair), broken: "ICAC" });
        } else {
            Object.assign(chain, { root: bytes, noc: await leafOf(crypto, RCAC_NAME, pair), broken: "root" });
        }
        chains.push(chain);
    }
    return chains;
}

export const ofVectors = async (crypto, dir) => [...(await pairs(`${dir}/pairs`)), ...(await errorCases(crypto, dir))];
