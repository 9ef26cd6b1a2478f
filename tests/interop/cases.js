// SPDX-License-Identifier: Apache-2.0
// cases.js - the commissionings that must succeed.
import { readFile, writeFile } from "node:fs/promises";

import { AccessControl } from "@matter/main/clusters/access-control";
import { AdministratorCommissioning } from "@matter/main/clusters/administrator-commissioning";
import { OnOff } from "@matter/main/clusters/on-off";

import { Noc } from "@matter/protocol";

import { HeddleAuthority, HeddleBatchAuthority, HeddleCommissioningFlow } from "./authority.js";
import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { idText } from "./heddle.js";
import { invoke, read, write } from "./interaction.js";
import { LAMP, ROOT, UNSUPPORTED_ACCESS, commissioned, times, usesAttributes, visitor } from "./looks.js";

const ADMINISTER = 5;

// The subject of an access control entry that means a CASE authenticated tag.
export const catSubject = cat => 0xfffffffd_00000000n | BigInt(cat);

// One controller, one light, one fabric.
export async function simple(title, { heddle, lights }, { fabric, controllerId, nodeId, cats }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: controllerId, cats, label: fabric });
    const light = await lights.make(fabric);

    await commissioned(title, controller, lights, light, nodeId);
    await lights.call("remove", light);
    await controller.close();
}

// Certificates that are as large as they may be: 400 octets of TLV, or 600 of DER. Texts in the authorities' names
// bring them there, and a root that ends.
export async function largest(title, { large: heddle, lights }, { fabric, icacText, cats, reaches }) {
    await setNames(heddle.state, { rcac: { commonName: "r".repeat(61), organizationName: "O" }, icac: { commonName: icacText } });
    await heddle.run("fabric", "create", fabric, "--fabric-id", "0xFFFFFFFFFFFFFFFF");
    const ids = { controllerId: 0xffffffef_ffffff00n, nodeId: 0xffffffef_ffffff01n };
    await simple(title, { heddle, lights }, { fabric, ...ids, cats });

    const { rcac, icac } = await heddle.chain(fabric);
    const [{ certificate_tlv: noc }] = await heddle.ledger("--fabric", fabric, "--type", "issued");
    const der = Noc.fromTlv(Buffer.from(noc, "hex")).asSignedDer().byteLength;
    const sizes = { root: rcac.byteLength, icac: icac.byteLength };

    same(`${title}: octets of TLV`, Object.fromEntries(Object.keys(reaches.tlv).map(key => [key, sizes[key]])), reaches.tlv);
    // A signature's DER has 70 to 72 octets, rarely less.
    check(`${title}: the NOC has ${der} octets of DER, about ${reaches.nocDer}`, der > reaches.nocDer - 6 && der <= reaches.nocDer);
}

async function setNames(dir, names) {
    for (const [kind, texts] of Object.entries(names)) {
        const file = `${dir}/profiles/${kind}.profile`;
        const lines = Object.entries(texts).map(([key, text]) => `${key} = "${text}"`);
        const rest = (await readFile(file, "utf8")).replace(/^(matter-fabric-id|commonName|organizationName) .*\n/gm, "");
        await writeFile(file, rest.replace(/^\[ subject \]\n.*\n/m, subject => subject + lines.join("\n") + "\n"));
    }
}

// A flow that names a CAT as the administrator, so that the light's only access control entry is the CAT's.
export const grantingCat = cat =>
    class extends HeddleCommissioningFlow {
        sending(command, fields) {
            return command === "addNoc" ? { ...fields, caseAdminSubject: catSubject(cat) } : fields;
        }
    };

// `cats` are the controller's; `granted` is the one that the light is told.
export async function byCat(title, context, { fabric, cats, granted, controllerId, lightId }) {
    const { heddle, lights } = context;
    const controller = await Controller.start(heddle, fabric, { nodeId: controllerId, cats, label: title });
    const light = await lights.make(title);
    await commissioned(title, controller, lights, light, lightId, grantingCat(granted));

    const seen = await lights.call("view", light);
    same(`${title}: the light's only access control entry is the CAT's`,
        seen.acl.map(entry => [entry.privilege, entry.subjects]), [[ADMINISTER, [catSubject(granted)]]]);
    same(`${title}: the light sees the CATs of the NOC`,
        seen.sessions.find(s => !s.pase && s.peer === controllerId)?.cats.map(Number).sort(), [...cats].sort());

    const [older, newer, other] = [granted - 1, granted + 1, granted ^ 0x10000];
    const visit = (number, theirs) => visitor(context, fabric,
        { nodeId: controllerId + BigInt(number), cats: theirs, label: `${title} visitor ${number}`, lightId });
    same(`${title}: a controller without a CAT is refused`, await visit(1, []), UNSUPPORTED_ACCESS);
    same(`${title}: a controller with an older version is refused`, await visit(2, [older]), UNSUPPORTED_ACCESS);
    same(`${title}: a controller with another CAT is refused`, await visit(3, [other]), UNSUPPORTED_ACCESS);
    same(`${title}: a controller with a newer version is let in`, await visit(4, [newer]), 0);
    await lights.call("remove", light);
    await controller.close();
}

// Several lights, one after another, by one controller; all stay on line. With `batch` one process of heddle
// issues for all of them.
export async function several(title, { heddle, lights }, { fabric, count, batch = false }) {
    const Authority = batch ? HeddleBatchAuthority : HeddleAuthority;
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title, Authority });
    const peers = [];

    for (let i = 0; i < count; i++) {
        const light = await lights.make(`${title} ${i + 1}`);
        const nodeId = 0x11n + BigInt(i);
        const { peer, ms } = await controller.commission(light, nodeId);
        times.push(ms);
        peers.push({ light, peer, nodeId });
    }
    check(`${title}: ${count} are commissioned one after another`, peers.length === count);
    let toggled = 0;
    for (const { light, peer } of peers) {
        await invoke(peer, LAMP, OnOff, "toggle");
        const [told, seen] = [await read(peer, LAMP, OnOff, "onOff"), await lights.call("view", light)];
        toggled += told === true && seen.onOff === true && seen.fabrics.length === 1;
        await lights.call("remove", light);
    }
    same(`${title}: each of them is switched on`, toggled, count);
    if (batch) {
        same(`${title}: the batch ends well`, await controller.authority.end(), 0);
        const batches = (await heddle.lines("batch", "list")).filter(each => each.fabric === fabric);
        same(`${title}: it is one batch of ${count + 1} NOCs`,
            batches.map(each => [each.state, each.issued, each.refused]), [["done", count + 1, 0]]);
    }
    await ledgerHasExactly(title, heddle, fabric, [0x1n, ...peers.map(peer => peer.nodeId)]);
    await controller.close();
}

async function ledgerHasExactly(title, heddle, fabric, nodes) {
    const issued = await heddle.ledger("--fabric", fabric, "--type", "issued");
    const listed = (await heddle.json("node", "list", fabric)).nodes;

    same(`${title}: the ledger has the controller and these nodes, in this order, and no other`,
        issued.map(entry => entry.node_id), nodes.map(idText));
    same(`${title}: node list has them too`, listed.map(node => node.node_id).sort(), nodes.map(idText).sort());
    const { entries } = await heddle.json("ledger", "verify");
    check(`${title}: the ledger of ${entries} entries verifies`, entries > nodes.length);
}

// A second controller of the fabric, which the first one lets in by its node id.
export async function twoControllers(title, context, { fabric }) {
    const { heddle, lights } = context;
    const [first, second] = [0x81n, 0x82n];
    const controller = await Controller.start(heddle, fabric, { nodeId: first, label: title });
    const light = await lights.make(title);
    const peer = await commissioned(title, controller, lights, light, 0x83n);
    const visit = () => visitor(context, fabric, { nodeId: second, label: `${title}, second`, lightId: 0x83n });

    same(`${title}: the second is refused at first`, await visit(), UNSUPPORTED_ACCESS);
    const [entry] = await read(peer, ROOT, AccessControl, "acl");
    await write(peer, ROOT, AccessControl, "acl", [{ ...entry, subjects: [first, second] }]);
    same(`${title}: then it is let in`, await visit(), 0);
    const nocs = (await heddle.ledger("--fabric", fabric, "--type", "issued")).filter(e => e.node_id === idText(second));
    same(`${title}: the ledger has both NOCs of the second`, nocs.length, 2);
    await lights.call("remove", light);
    await controller.close();
}

// One light in two fabrics of one heddle.
export async function twoFabrics(title, { heddle, lights }, { fabrics }) {
    const [first, second] = await Promise.all(fabrics.map((name, i) =>
        Controller.start(heddle, name, { nodeId: 0x2n, label: `${title} ${i + 1}` })));
    const light = await lights.make(title);
    const peer = await commissioned(`${title}, first`, first, lights, light, 0x31n);

    await invoke(peer, ROOT, AdministratorCommissioning, "openBasicCommissioningWindow", { commissioningTimeout: 180 });
    await commissioned(`${title}, second`, second, lights, light, 0x32n);
    same(`${title}: the light is in both`, (await lights.call("view", light)).fabrics.length, 2);
    await usesAttributes(`${title}, the first again`, peer, lights, light);
    await lights.call("remove", light);
    await first.close();
    await second.close();
}
