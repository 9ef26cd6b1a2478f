// SPDX-License-Identifier: Apache-2.0
// requests.js - what heddle must not sign, and how that looks to a controller and a light.
import { execFile, spawnSync } from "node:child_process";
import { appendFile, mkdir, writeFile } from "node:fs/promises";

import { HeddleAuthority, HeddleCommissioningFlow, renewNode } from "./authority.js";
import { check, same, skip } from "./checks.js";
import { Controller } from "./controller.js";
import { Heddle } from "./heddle.js";
import { commissioned, usesAttributes } from "./looks.js";
import { changing } from "./refusals.js";

// A copy with one bit changed; a negative place counts from the end. NOCSR elements end with 36 octets of
// nonce, so that place -40 lies in the CSR's signature.
function flipped(bytes, at) {
    const copy = Buffer.from(bytes);

    copy[at < 0 ? copy.length + at : at] ^= 1;
    return copy;
}

// What heddle must not sign, asked with a real CSR of a light; each is named by the rule that forbids it.
const FORBIDDEN = [
    ["NOCSR elements with another nonce", "nocsr-nonce-other", request => ({ ...request, nonce: flipped(request.nonce, 0) })],
    ["a CSR that was changed on its way", "csr-signature", request => ({ ...request, csr: flipped(request.csr, -40) })],
    ["a node id that is not operational", "request-node-id", request => ({ ...request, nodeId: 0xfffffff0_00000000n })],
    ["two CATs with one identifier", "cat-twice", request => ({ ...request, cats: [0x00010001, 0x00010002] })],
    ["a CAT of version 0", "request-cat", request => ({ ...request, cats: [0x00010000] })],
    ["four CATs", "cat-count", request => ({ ...request, cats: [0x10001, 0x20001, 0x30001, 0x40001] })],
];

export async function refusedByHeddle(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const rules = new Map();
    let real;

    const flow = changing({}, async request => {
        real = { ...request, csr: Buffer.from(request.csr) };
        for (const [what, , change] of FORBIDDEN) {
            const asked = heddle.issue(fabric, { nodeId: 0x52n, ...change(real) });
            rules.set(what, await asked.then(() => "nothing", error => error.rule ?? error.message));
        }
    });
    await commissioned("after what heddle refused", controller, lights, light, 0x51n, flow);
    for (const [what, rule] of FORBIDDEN) {
        same(`heddle refuses ${what}`, rules.get(what), rule);
    }
    const again = await heddle.issue(fabric, { ...real, nodeId: 0x53n }).then(() => "nothing", error => error.rule);
    same("heddle refuses one key for two nodes", again, "key-taken");
    const nodes = (await heddle.ledger("--fabric", fabric, "--type", "issued")).map(entry => entry.node_id);
    check("the ledger has no NOC for what was refused", !nodes.some(id => ["52", "53"].includes(id.slice(-2))));
    await lights.call("remove", light);
    await controller.close();
}

// A commissioning that heddle refuses to sign for ends at once: the light can be commissioned right after.
export async function endsAtOnce(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const failure = await controller.commission(light, 0x61n, class extends HeddleCommissioningFlow {
        constructor(interaction, ca, ...rest) {
            super(interaction, ca, ...rest);
            ca.offer = (publicKey, csr, nonce) =>
                HeddleAuthority.prototype.offer.call(ca, publicKey, csr, flipped(nonce, 0));
        }
    }).then(() => undefined, error => error);

    delete controller.authority.offer;
    check(`${title}: heddle's words reach the commissioner`, /nonce/.test(failure?.message), failure?.message);
    await commissioned(`${title}, and again`, controller, lights, light, 0x61n);
    await lights.call("remove", light);
    await controller.close();
}

const THEN = "2024-01-01 12:00:00";

// heddle with the clock of another day: a program that stands before it.
async function heddleOf(day, state) {
    const program = `${process.env.INTEROP_WORK}/heddle-then`;
    const script = `#!/bin/sh\nFAKETIME_DONT_FAKE_MONOTONIC=1 exec faketime -f "@${day}" "${process.env.HEDDLE}" "$@"\n`;

    await writeFile(program, script, { mode: 0o700 });
    return new Heddle({ program, state });
}

// Is the chain that a light holds good today, by the rules and by the SDK?
async function judged(dir, { root, icac, noc }) {
    await mkdir(dir, { recursive: true });
    for (const [name, octets] of Object.entries({ root, icac, noc })) {
        await writeFile(`${dir}/${name}.tlv`, octets, "hex");
    }
    const args = ["verify", "--json", "--root", `${dir}/root.tlv`, "--ica", `${dir}/icac.tlv`, `${dir}/noc.tlv`];
    const { rules, sdk } = await new Promise(resolve =>
        execFile(process.env.MATTERCERT, args, (_error, stdout) => resolve(JSON.parse(stdout))));

    return [rules.rule ?? "valid", sdk.rule ?? "valid"];
}

// An ICAC that has ended: heddle issues nothing under it. matter.js compares no dates, so that with a chain of before
// a CASE comes up; the rules and the SDK refuse the chain. A new ICA and UpdateNOC mend it.
export async function endedIca(title, { lights }, { fabric }) {
    if (spawnSync("faketime", ["--version"]).error) {
        skip(`${title}: there is no program faketime`);
        return;
    }
    const now = new Heddle({ program: process.env.HEDDLE, state: `${process.env.INTEROP_WORK}/ca-then` });
    const then = await heddleOf(THEN, now.state);
    await then.run("init");
    await appendFile(`${now.state}/heddle.conf`, "[ lifetimes ]\nicac = 30 days\n");
    await then.run("fabric", "create", fabric, "--fabric-id", "0xFABA");
    const controller = await Controller.start(then, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const [nodeId, dir] = [0x11n, `${process.env.INTEROP_WORK}/ended`];
    const held = async () => (await lights.call("view", light)).fabrics[0];

    controller.authority.heddle = now;
    const failure = await controller.commission(light, nodeId).then(() => undefined, error => error.message);
    check(`${title}: heddle issues nothing under it`, /\[lifetime\]/.test(failure), failure);
    same(`${title}: the light joins no fabric`, (await lights.call("view", light)).fabrics.length, 0);

    controller.authority.heddle = then;
    const peer = await commissioned(`${title}, a chain of before`, controller, lights, light, nodeId);
    same(`${title}: rules and SDK refuse that chain`, await judged(dir, await held()), ["chain-expired", "chain-expired"]);

    controller.authority.heddle = now;
    await now.run("ica", "rotate", fabric);
    await renewNode(controller, peer, nodeId);
    same(`${title}: after ica rotate and UpdateNOC the chain is good`, await judged(dir, await held()), ["valid", "valid"]);
    await usesAttributes(`${title}, after it`, peer, lights, light);
    await lights.call("remove", light);
    await controller.close();
}
