// SPDX-License-Identifier: Apache-2.0
// rotation.js - keys and certificates that change while the fabric goes on.
import { AccessControl } from "@matter/main/clusters/access-control";

import { renewKey, renewNode } from "./authority.js";
import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { hex, idText } from "./heddle.js";
import { read, write } from "./interaction.js";
import { ROOT, commissioned, matchesLedger, sessionIsOpen, usesAttributes, visitor } from "./looks.js";

// The controller's key changes: the same node id gets a new NOC, and the light still knows the controller.
export async function newKey(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const peer = await commissioned(title, controller, lights, light, 0x21n);
    const old = hex(controller.fabric.operationalCert);

    controller.fabric = await renewKey(controller.node, controller.authority, controller.fabric);
    check(`${title}: heddle tells that the new NOC replaces one`, controller.authority.issued.at(-1).replaces === true);
    check(`${title}: the NOC is another`, hex(controller.fabric.operationalCert) !== old);
    await controller.endSession(0x21n);
    check(`${title}: no session is left`, controller.session(0x21n) === undefined);
    await usesAttributes(`${title}, after it`, peer, lights, light);
    await lights.call("remove", light);
    await controller.close();
}

// A light gets a new key and NOC by UpdateNOC.
export async function updateNoc(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const light = await lights.make(title);
    const nodeId = 0x71n;
    const peer = await commissioned(title, controller, lights, light, nodeId);
    const { noc, replaces } = await renewNode(controller, peer, nodeId);

    check(`${title}: heddle tells that the new NOC replaces one`, replaces === true);
    const seen = await lights.call("view", light);
    same(`${title}: the light holds the new NOC`, seen.fabrics[0].noc, hex(noc));
    sessionIsOpen(`${title}, after it`, controller, seen, nodeId);
    await matchesLedger(`${title}, after it`, controller, peer, seen, nodeId);
    await usesAttributes(`${title}, after it`, peer, lights, light);
    await lights.call("remove", light);
    await controller.close();
}

const rootOf = seen => seen.fabrics[0].root;

// The ICAC that goes with new NOCs, by the ledger.
async function currentIca(heddle, fabric) {
    const { ica } = await heddle.fabric(fabric);
    const entries = await heddle.ledger("--type", "authority");
    return entries.find(entry => entry.authority === ica.authority).certificate_tlv;
}

async function pending(heddle, fabric) {
    return (await heddle.json("campaign", fabric)).pending.map(node => BigInt(node.node_id));
}

// Both ends show their certificates anew, over a CASE session that resumes nothing.
async function talksAnew(title, controller, peer, lights, light, nodeId) {
    await controller.endSession(nodeId);
    await usesAttributes(title, peer, lights, light);
    sessionIsOpen(title, controller, await lights.call("view", light), nodeId);
}

// A new ICA: lights move to it one by one with UpdateNOC; old and new talk to each other all the while.
export async function newIca(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const [moves, stays, comes] = await lights.makeAll(title, 3);
    const [moving, staying, coming] = [0x11n, 0x12n, 0x13n];
    const first = await commissioned(`${title}, a light that moves`, controller, lights, moves, moving);
    const second = await commissioned(`${title}, a light that stays`, controller, lights, stays, staying);
    const old = await currentIca(heddle, fabric);

    await heddle.run("ica", "rotate", fabric);
    const now = await currentIca(heddle, fabric);
    check(`${title}: the ICA is another`, now !== old);
    same(`${title}: the campaign lists controller and lights`, await pending(heddle, fabric), [0x1n, moving, staying]);
    await talksAnew(`${title}, before UpdateNOC`, controller, first, lights, moves, moving);

    await renewNode(controller, first, moving);
    const moved = await lights.call("view", moves);
    same(`${title}: UpdateNOC brought the new ICAC`, moved.fabrics[0].icac, now);
    await matchesLedger(`${title}, after UpdateNOC`, controller, first, moved, moving);
    await talksAnew(`${title}, the old controller and the new light`, controller, first, lights, moves, moving);

    controller.fabric = await renewKey(controller.node, controller.authority, controller.fabric);
    same(`${title}: the controller holds the new ICAC`, hex(controller.fabric.intermediateCACert), now);
    await talksAnew(`${title}, both new`, controller, first, lights, moves, moving);
    await talksAnew(`${title}, the new controller and the old light`, controller, second, lights, stays, staying);
    same(`${title}: the old light still holds the old ICAC`, (await lights.call("view", stays)).fabrics[0].icac, old);
    await commissioned(`${title}, a light that comes afterwards`, controller, lights, comes, coming);

    same(`${title}: the campaign lists the light that stayed`, await pending(heddle, fabric), [staying]);
    const refused = await heddle.run("ica", "retire", fabric).then(() => "nothing", error => error.rule);
    same(`${title}: the old ICA is not retired while the light needs it`, refused, "authority-in-use");
    await renewNode(controller, second, staying);
    same(`${title}: the campaign is done`, await pending(heddle, fabric), []);
    await heddle.run("ica", "retire", fabric);
    await talksAnew(`${title}, when the old ICA is retired`, controller, second, lights, stays, staying);
    await lights.removeAll([moves, stays, comes]);
    await controller.close();
}

// A new certificate for the root's key: lights keep the one they have, new ones get the new one.
export async function newRoot(title, { heddle, lights }, { fabric }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const [before, between, after] = await lights.makeAll(title, 3);
    const [early, middle, late] = [0x11n, 0x12n, 0x13n];
    const root = async () => hex((await heddle.chain(fabric)).rcac);
    const old = await root();
    const first = await commissioned(`${title}, a light of before`, controller, lights, before, early);

    await heddle.run("root", "renew", fabric);
    const now = await root();
    check(`${title}: the root certificate is another`, now !== old);
    await talksAnew(`${title}, a light of before`, controller, first, lights, before, early);
    const { peer: second } = await controller.commission(between, middle);
    await talksAnew(`${title}, a light that the old controller brings in`, controller, second, lights, between, middle);

    controller.fabric = await renewKey(controller.node, controller.authority, controller.fabric);
    same(`${title}: the controller holds the new root`, hex(controller.fabric.rootCert), now);
    const third = await commissioned(`${title}, a light of after`, controller, lights, after, late);
    for (const [light, nodeId, peer, which] of [[before, early, first, old], [between, middle, second, old], [after, late, third, now]]) {
        same(`${title}: light ${nodeId} holds its root for life`, rootOf(await lights.call("view", light)), which);
        await talksAnew(`${title}, the new controller and light ${nodeId}`, controller, peer, lights, light, nodeId);
    }
    const { noc } = await renewNode(controller, first, early);
    const { fabrics } = await lights.call("view", before);
    same(`${title}: UpdateNOC under the old root`, [fabrics[0].noc, fabrics[0].root], [hex(noc), old]);
    await talksAnew(`${title}, after UpdateNOC`, controller, first, lights, before, early);

    const [entry] = await read(first, ROOT, AccessControl, "acl");
    await write(first, ROOT, AccessControl, "acl", [{ ...entry, subjects: [0x1n, 0x2n] }]);
    const visit = { nodeId: 0x2n, label: `${title}, second`, lightId: early };
    same(`${title}: a controller that joins afterwards reads from a light of before`, await visitor({ heddle }, fabric, visit), 0);
    await lights.removeAll([before, between, after]);
    await controller.close();
}
