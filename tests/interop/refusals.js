// SPDX-License-Identifier: Apache-2.0
// refusals.js - credentials that a light must not take, each with the status that it answers.
import { Crypto } from "@matter/main";
import { AdministratorCommissioning } from "@matter/main/clusters/administrator-commissioning";
import { GeneralCommissioning } from "@matter/main/clusters/general-commissioning";
import { OperationalCredentials } from "@matter/main/clusters/operational-credentials";
import { FabricBuilder } from "@matter/protocol";

import { HeddleAuthority, HeddleCommissioningFlow, renewNode } from "./authority.js";
import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { invoke } from "./interaction.js";
import { ROOT, commissioned, usesAttributes } from "./looks.js";

const INVALID_PUBLIC_KEY = 1;
const INVALID_NOC = 3;
const MISSING_CSR = 4;
const INVALID_ADMIN_SUBJECT = 6;
const FABRIC_CONFLICT = 9;

// A commissioning whose AddNOC is changed on its way. `seen` gets the light's answer.
export const changing = (seen, change) =>
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

// What is wrong with the certificates that a light is given. `stranger` is another CA altogether, which also has a
// fabric of this name and id, and one that is called `other` and has another id.
const WRONG = [
    ["NOC and ICAC of another root", INVALID_NOC, async ({ stranger, fabric, request }) => {
        const { noc, icac } = await stranger.issue(fabric, request);
        return { nocValue: noc, icacValue: icac };
    }],
    ["NOC of another ICA", INVALID_NOC, async ({ stranger, fabric, request }) =>
        ({ nocValue: (await stranger.issue(fabric, request)).noc })],
    ["ICAC of another fabric", INVALID_NOC, async ({ stranger }) => ({ icacValue: (await stranger.chain("other")).icac })],
    ["NOC and ICAC of another fabric", INVALID_NOC, async ({ stranger, request }) => {
        const { noc, icac } = await stranger.issue("other", request);
        return { nocValue: noc, icacValue: icac };
    }],
    ["ICAC missing", INVALID_NOC, async () => ({ icacValue: new Uint8Array(0) })],
    ["NOC for another key", INVALID_PUBLIC_KEY, async ({ heddle, fabric, request, controller }) =>
        ({ nocValue: (await heddle.issue(fabric, { csr: await strangersCsr(controller), nodeId: request.nodeId })).noc })],
];

// At AddNOC.
export async function refusedByLight(title, { heddle, stranger, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const nodeId = 0x41n;
    const refused = (name, status, change) => refusedBy(name, controller, lights, light, { nodeId, status, change });

    for (const [name, status, wrong] of WRONG) {
        await refused(name, status, request =>
            wrong({ heddle, stranger, fabric, controller, request: { ...request, nodeId } }));
    }
    await refused("node id 0 as administrator", INVALID_ADMIN_SUBJECT, async () => ({ caseAdminSubject: 0n }));
    const peer = await commissioned("after the refusals", controller, lights, light, nodeId);

    await invoke(peer, ROOT, AdministratorCommissioning, "openBasicCommissioningWindow", { commissioningTimeout: 180 });
    const seen = {};
    const again = controller.commission(light, 0x42n, changing(seen, async () => ({})));
    check("the same fabric again: the commissioning fails", (await again.then(() => undefined, error => error)) !== undefined);
    same(`the same fabric again: AddNOC is answered with status ${FABRIC_CONFLICT}`, seen.status, FABRIC_CONFLICT);
    await usesAttributes("after the same fabric again", peer, lights, light);
    await lights.call("remove", light);
    await controller.close();
}

const failSafe = (peer, expiryLengthSeconds) =>
    invoke(peer, ROOT, GeneralCommissioning, "armFailSafe", { expiryLengthSeconds, breadcrumb: 1n });

// At UpdateNOC, over CASE; the light goes on with what it has.
export async function refusedUpdates(title, { heddle, stranger, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const nodeId = 0x43n;
    const peer = await commissioned(title, controller, lights, light, nodeId);
    const held = (await lights.call("view", light)).fabrics[0].noc;

    for (const [name, status, wrong] of WRONG) {
        await failSafe(peer, 60);
        const nonce = controller.node.env.get(Crypto).randomBytes(32);
        const asked = { csrNonce: nonce, isForUpdateNoc: true };
        const { nocsrElements: csr } = await invoke(peer, ROOT, OperationalCredentials, "csrRequest", asked);
        const request = { csr, nonce, nodeId };
        const { noc, icac } = await heddle.issue(fabric, request);
        const fields = { nocValue: noc, icacValue: icac };
        Object.assign(fields, await wrong({ heddle, stranger, fabric, controller, request }));
        const answer = await invoke(peer, ROOT, OperationalCredentials, "updateNoc", fields);
        same(`${name}: UpdateNOC is answered with status ${status}`, answer.statusCode, status);
        await failSafe(peer, 0);
    }
    await failSafe(peer, 60);
    const { noc, icac } = await heddle.issue(fabric, { csr: await strangersCsr(controller), nodeId });
    const answer = await invoke(peer, ROOT, OperationalCredentials, "updateNoc", { nocValue: noc, icacValue: icac });
    same(`no CSR: UpdateNOC is answered with status ${MISSING_CSR}`, answer.statusCode, MISSING_CSR);
    await failSafe(peer, 0);

    same(`${title}: the light holds what it had`, (await lights.call("view", light)).fabrics[0].noc, held);
    await usesAttributes(`${title}, afterwards`, peer, lights, light);
    await renewNode(controller, peer, nodeId);
    check(`${title}: a right UpdateNOC is taken`, (await lights.call("view", light)).fabrics[0].noc !== held);
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
