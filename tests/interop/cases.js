// SPDX-License-Identifier: Apache-2.0
// cases.js - what every commissioned light must show, and the commissionings that must succeed.
import { createHash } from "node:crypto";

import { AccessControl } from "@matter/main/clusters/access-control";
import { AdministratorCommissioning } from "@matter/main/clusters/administrator-commissioning";
import { BasicInformation } from "@matter/main/clusters/basic-information";
import { OnOff } from "@matter/main/clusters/on-off";
import { OperationalCredentials } from "@matter/main/clusters/operational-credentials";

import { Icac, Noc, Rcac } from "@matter/protocol";

import { HeddleCommissioningFlow, renewKey, renewNode } from "./authority.js";
import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { hex, idText } from "./heddle.js";
import { invoke, read, write } from "./interaction.js";

const LAMP = 1;
const ROOT = 0;
const UNSUPPORTED_ACCESS = 0x7e;
const ADMINISTER = 5;

export const times = [];

// The subject of an access control entry that means a CASE authenticated tag.
export const catSubject = cat => 0xfffffffd_00000000n | BigInt(cat);

async function usesAttributes(title, peer, lights, light) {
    const before = await read(peer, LAMP, OnOff, "onOff");
    await invoke(peer, LAMP, OnOff, "toggle");
    const after = await read(peer, LAMP, OnOff, "onOff");
    const label = `${light.name} ${before}`.slice(0, 32);

    check(`${title}: onOff is read, toggled and read again`, before === !after, `${before}, ${after}`);
    same(`${title}: the lamp itself is toggled`, (await lights.call("view", light)).onOff, after);
    await write(peer, ROOT, BasicInformation, "nodeLabel", label);
    same(`${title}: an attribute is written and read back`, await read(peer, ROOT, BasicInformation, "nodeLabel"), label);
}

function sessionIsOpen(title, controller, seen, nodeId) {
    const session = controller.session(nodeId);
    const other = seen.sessions.find(s => s.secure && !s.pase && s.peer === controller.fabric.nodeId);

    check(`${title}: a CASE session is open at both ends`, session?.isSecure === true && other !== undefined);
}

// The last NOC that the ledger has for a node, and the fabric's authorities.
async function recordOf(heddle, name, nodeId) {
    const issued = await heddle.ledger("--fabric", name, "--type", "issued");
    const { root, ica } = await heddle.fabric(name);
    const authorities = await heddle.ledger("--type", "authority");
    const bySerial = serial => authorities.find(entry => entry.serial === serial);

    return {
        noc: issued.filter(entry => entry.node_id === idText(nodeId)).at(-1),
        root: bySerial(root.serial),
        ica: ica && bySerial(ica.serial),
    };
}

// The ledger's hash of the signed part, against the DER that matter.js makes of the TLV.
function sameTbs(title, { root, ica, noc }) {
    const parsed = (kind, entry) => kind.fromTlv(Buffer.from(entry.certificate_tlv, "hex"));
    const sha256 = bytes => createHash("sha256").update(bytes).digest("hex");
    const tbs = (kind, entry) => entry && sha256(parsed(kind, entry).asUnsignedDer());

    same(`${title}: matter.js rebuilds the DER that was signed, of root, ICA and NOC`,
        [tbs(Rcac, root), tbs(Icac, ica), tbs(Noc, noc)], [root.tbs_sha256, ica?.tbs_sha256, noc.tbs_sha256]);
}

async function matchesLedger(title, controller, peer, seen, nodeId) {
    const { heddle, name } = controller.authority;
    const shown = await heddle.fabric(name);
    const record = await recordOf(heddle, name, nodeId);
    const held = seen.fabrics.find(fabric => fabric.root === record.root.certificate_tlv);
    const told = await read(peer, ROOT, OperationalCredentials, "fabrics");

    same(`${title}: fabric id and node id are those of the ledger`,
        [idText(held.fabricId), idText(held.nodeId)], [shown.fabric_id, record.noc.node_id]);
    same(`${title}: the compressed fabric id is heddle's`, idText(held.compressedId), "0x" + shown.compressed_fabric_id);
    same(`${title}: the light holds the very octets of the ledger`,
        [held.noc, held.icac], [record.noc.certificate_tlv, record.ica?.certificate_tlv]);
    sameTbs(title, record);
    same(`${title}: the Fabrics attribute tells the same`,
        told.map(f => [idText(f.fabricId), idText(f.nodeId), hex(f.rootPublicKey)]),
        [[shown.fabric_id, record.noc.node_id, record.root.point]]);
}

// Commissions a light and looks at everything.
export async function commissioned(title, controller, lights, light, nodeId, flow) {
    const { peer, ms } = await controller.commission(light, nodeId, flow);
    times.push(ms);
    check(`${title}: commissioned in ${Math.round(ms)} ms`, true);

    const seen = await lights.call("view", light);
    sessionIsOpen(title, controller, seen, nodeId);
    await matchesLedger(title, controller, peer, seen, nodeId);
    await usesAttributes(title, peer, lights, light);
    return peer;
}

// One controller, one light, one fabric.
export async function simple(title, { heddle, lights }, { fabric, controllerId, nodeId, cats }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: controllerId, cats, label: fabric });
    const light = await lights.make(fabric);

    await commissioned(title, controller, lights, light, nodeId);
    await lights.call("remove", light);
    await controller.close();
}

// Certificates that are as large as they may be: three CATs, and text in the authorities' names.
export async function largest(title, { large, lights }, { fabric }) {
    const cats = [0xffff0001, 0xfffe0001, 0xfffd0001];
    const ids = { controllerId: 0xffffffef_ffffff00n, nodeId: 0xffffffef_ffffff01n };

    await simple(title, { heddle: large, lights }, { fabric, ...ids, cats });
    const [root] = (await large.ledger("--type", "authority")).filter(entry => entry.kind === "rcac");
    const [noc] = await large.ledger("--fabric", fabric, "--type", "issued");
    const size = Noc.fromTlv(Buffer.from(noc.certificate_tlv, "hex")).asSignedDer().byteLength;

    check(`${title}: the NOC has ${size} octets of DER, at most 600`, size > 595 && size <= 600);
    check(`${title}: the root has ${root.certificate_tlv.length / 2} octets of TLV, at most 400`,
        root.certificate_tlv.length / 2 >= 390);
}

// A flow that names a CAT as the administrator, so that the light's only access control entry is the CAT's.
export const grantingCat = cat =>
    class extends HeddleCommissioningFlow {
        sending(command, fields) {
            return command === "addNoc" ? { ...fields, caseAdminSubject: catSubject(cat) } : fields;
        }
    };

async function statusOf(action) {
    return action.then(() => 0, error => error.status ?? error.message);
}

// Another controller of the same fabric: may it read from the light?
async function visitor({ heddle }, fabric, { nodeId, cats, label, lightId }) {
    const controller = await Controller.start(heddle, fabric, { nodeId, cats, label });
    const status = await statusOf(read(await controller.known(lightId), ROOT, AccessControl, "acl"));

    await controller.close();
    return status;
}

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

// Several lights, one after another, by one controller; all stay on line.
export async function several(title, { heddle, lights }, { fabric, count, firstId }) {
    const controller = await Controller.start(heddle, fabric, { nodeId: 0x1n, label: title });
    const before = (await heddle.ledger("--fabric", fabric, "--type", "issued")).length;
    const peers = [];

    for (let i = 0; i < count; i++) {
        const light = await lights.make(`${title} ${i + 1}`);
        const { peer, ms } = await controller.commission(light, firstId + BigInt(i));
        times.push(ms);
        peers.push({ light, peer });
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
    const issued = (await heddle.ledger("--fabric", fabric, "--type", "issued")).slice(before);
    same(`${title}: the ledger has exactly these nodes, in this order`,
        issued.map(entry => entry.node_id), peers.map((_, i) => idText(firstId + BigInt(i))));
    same(`${title}: fabric show counts them and the controller`, (await heddle.fabric(fabric)).nocs, count + 1);
    await controller.close();
}

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
