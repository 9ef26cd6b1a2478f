// SPDX-License-Identifier: Apache-2.0
// refusals.js - credentials that a light must not take, and requests that heddle must not answer.
import { Crypto } from "@matter/main";
import { FabricBuilder } from "@matter/protocol";

import { HeddleAuthority, HeddleCommissioningFlow } from "./authority.js";
import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { commissioned } from "./looks.js";

const INVALID_PUBLIC_KEY = 1;
const INVALID_NOC = 3;

// A commissioning whose AddNOC is changed on its way. `seen` gets the light's answer and the CSR.
const changing = (seen, change) =>
    class extends HeddleCommissioningFlow {
        sending(command, fields) {
            return command === "addNoc" ? { ...fields, ...seen.change } : fields;
        }

        async received(command, fields, answer) {
            await super.received(command, fields, answer);
            if (command === "csrRequest") {
                seen.change = await change({ csr: answer.nocsrElements, nonce: fields.csrNonce });
            }
            if (command === "addNoc") {
                seen.status = answer.statusCode;
                seen.text = answer.debugText;
            }
        }
    };

async function refusedBy(title, controller, lights, light, { nodeId, change, status }) {
    const seen = {};
    const failure = await controller.commission(light, nodeId, changing(seen, change)).then(() => undefined, e => e);

    same(`${title}: AddNOC is answered with status ${status}`, seen.status, status);
    check(`${title}: the commissioning fails`, failure !== undefined);
    same(`${title}: the light joins no fabric`, (await lights.call("view", light)).fabrics.length, 0);
    console.log(`      the light says: ${seen.text}`);
}

// A CSR of a key that is not the light's.
async function strangersCsr(controller) {
    const builder = await FabricBuilder.create(controller.node.env.get(Crypto));

    return builder.createCertificateSigningRequest();
}

// `stranger` is another CA altogether, which also has a fabric of this name and id.
export async function refusedByLight(title, { heddle, stranger, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const nodeId = 0x41n;
    const refused = (name, status, change) => refusedBy(name, controller, lights, light, { nodeId, status, change });

    await refused("NOC and ICAC of another root", INVALID_NOC, async request => {
        const { noc, icac } = await stranger.issue(fabric, { ...request, nodeId });
        return { nocValue: noc, icacValue: icac };
    });
    await refused("NOC of another ICA", INVALID_NOC, async request =>
        ({ nocValue: (await stranger.issue(fabric, { ...request, nodeId })).noc }));
    await refused("ICAC missing", INVALID_NOC, async () => ({ icacValue: new Uint8Array(0) }));
    await refused("NOC for another key", INVALID_PUBLIC_KEY, async () =>
        ({ nocValue: (await heddle.issue(fabric, { csr: await strangersCsr(controller), nodeId })).noc }));
    await commissioned("after the refusals", controller, lights, light, nodeId);
    await lights.call("remove", light);
    await controller.close();
}

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

const WAIT_SECONDS = 10;

// A light cannot know which node id it should have got, but the controller then does not find it.
export async function wrongNodeId(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const seen = {};
    const { authority } = controller;

    authority.generateNoc = (publicKey, fabricId, nodeId) =>
        HeddleAuthority.prototype.generateNoc.call(authority, publicKey, fabricId, nodeId + 1n);
    const commissioning = controller.commission(light, 0x91n, changing(seen, async () => ({})));
    const outcome = await Promise.race([
        commissioning.then(() => "commissioned", () => "failed"),
        new Promise(resolve => setTimeout(resolve, WAIT_SECONDS * 1000, "waiting")),
    ]);
    const { sessions } = await lights.call("view", light);

    same(`${title}: the light takes the NOC`, seen.status, 0);
    check(`${title}: the commissioning does not succeed`, outcome !== "commissioned");
    check(`${title}: no CASE comes up in ${WAIT_SECONDS} s`, !sessions.some(session => session.secure && !session.pase));
    await lights.call("remove", light);
    await controller.close();
}
