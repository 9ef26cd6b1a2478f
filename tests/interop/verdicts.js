// SPDX-License-Identifier: Apache-2.0
// verdicts.js - the same chains before three judges: matter.js, the deployed SDK as mattercert knows it
// (`verify --as sdk`), and the rules. Where they differ, differences.tsv says so and why.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";

import { Crypto, Environment } from "@matter/main";
import { Icac, Noc, Rcac } from "@matter/protocol";

import { forged, ofMatterJs, ofVectors } from "./chains.js";
import { check, same, skip } from "./checks.js";

const { MATTERCERT, HEDDLE_VECTORS, INTEROP_WORK } = process.env;
const LIST = new URL("differences.tsv", import.meta.url);
const REFUSED = 3;
const UNREADABLE = 4;

const word = valid => (valid ? "accepts" : "refuses");

// As a device: AddTrustedRootCertificate, then AddNOC.
async function byMatterJs(crypto, { root, icac, noc }) {
    try {
        const rcac = Rcac.fromTlv(root);
        await rcac.verify(crypto);
        const ica = icac && Icac.fromTlv(icac);
        await ica?.verify(crypto, rcac);
        await Noc.fromTlv(noc).verify(crypto, rcac, ica);
        return "accepts";
    } catch {
        return "refuses";
    }
}

function verify(args) {
    return new Promise((resolve, reject) => {
        execFile(MATTERCERT, ["verify", "--json", "--no-time", ...args], (error, stdout, stderr) => {
            const status = error === null ? 0 : error.code;

            if ([0, REFUSED, UNREADABLE].includes(status)) {
                resolve({ status, stdout, stderr });
            } else {
                reject(error);
            }
        });
    });
}

// By the SDK and by the rules; `blamed` names the certificate that is at fault. Time is left out, as at AddNOC.
async function byMattercert(dir, { root, icac, noc }) {
    const files = { root: `${dir}/root.tlv`, ICAC: `${dir}/icac.tlv`, NOC: `${dir}/noc.tlv` };
    await writeFile(files.root, root);
    await writeFile(files.NOC, noc);
    icac && (await writeFile(files.ICAC, icac));
    const { status, stdout, stderr } = await verify(["--root", files.root, ...(icac ? ["--ica", files.ICAC] : []), files.NOC]);

    if (status === UNREADABLE) {
        const blamed = Object.keys(files).find(part => stderr.includes(files[part]));
        return { sdk: "refuses", rules: "refuses", blamed };
    }
    const { sdk, rules } = JSON.parse(stdout);
    return { sdk: word(sdk.valid), rules: word(rules.valid), blamed: sdk.certificate };
}

async function listed(sources) {
    const lines = (await readFile(LIST, "utf8")).split("\n").filter(line => line !== "" && !line.startsWith("#"));
    const rows = lines.map(line => line.split("\t"));

    check("every difference of the list has its explanation", rows.every(row => row.length === 5 && row[4].length > 20));
    return rows.filter(([name]) => sources.some(source => name.startsWith(source)));
}

export async function verdicts() {
    const crypto = Environment.default.get(Crypto);
    const dir = `${INTEROP_WORK}/chains`;
    await mkdir(dir);
    const sources = { "matter.js/": await ofMatterJs(crypto), "forged/": await forged(MATTERCERT, `${dir}/forged`) };
    if (HEDDLE_VECTORS) {
        sources["vectors/"] = await ofVectors(crypto, `${HEDDLE_VECTORS}/operational`);
    } else {
        skip("verdicts on the SDK's vectors: they are not at hand");
    }

    const expected = await listed(Object.keys(sources));
    for (const [source, chains] of Object.entries(sources)) {
        const found = [];
        const notBlamed = [];
        const count = { accepts: 0, refuses: 0 };
        for (const chain of chains) {
            const matterJs = await byMatterJs(crypto, chain);
            const { sdk, rules, blamed } = await byMattercert(dir, chain);
            if (matterJs === sdk && sdk === rules) {
                count[sdk]++;
            } else {
                found.push([chain.name, matterJs, sdk, rules]);
            }
            if (chain.broken !== undefined && chain.broken !== blamed) {
                notBlamed.push(`${chain.name}: ${blamed}`);
            }
        }
        check(`${source} ${count.accepts} chains are accepted and ${count.refuses} refused by all of matter.js, SDK and rules`,
            count.accepts > 0 && count.refuses > 0);
        same(`${source} ${found.length} chains are judged differently, and each is on the list`,
            found.map(row => row.join("\t")).sort(),
            expected.filter(([name]) => name.startsWith(source)).map(row => row.slice(0, 4).join("\t")).sort());
        if (chains.some(chain => chain.broken !== undefined)) {
            same(`${source} a broken authority is refused for its own sake`, notBlamed, []);
        }
    }
}
