// SPDX-License-Identifier: Apache-2.0
// looks.js - what every commissioned light must show, at the controller, in the light and in the ledger.
import { createHash } from "node:crypto";

import { AccessControl } from "@matter/main/clusters/access-control";
import { BasicInformation } from "@matter/main/clusters/basic-information";
import { OnOff } from "@matter/main/clusters/on-off";
import { OperationalCredentials } from "@matter/main/clusters/operational-credentials";

import { Icac, Noc, Rcac } from "@matter/protocol";

import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { hex, idText } from "./heddle.js";
import { invoke, read, write } from "./interaction.js";

export const LAMP = 1;
export const ROOT = 0;
export const UNSUPPORTED_ACCESS = 0x7e;

// How long each commissioning took, in milliseconds.
export const times = [];

export async function usesAttributes(title, peer, lights, light) {
    const before = await read(peer, LAMP, OnOff, "onOff");
    await invoke(peer, LAMP, OnOff, "toggle");
    const after = await read(peer, LAMP, OnOff, "onOff");
    const label = `${light.name} ${before}`.slice(0, 32);

    check(`${title}: onOff is read, toggled and read again`, before === !after, `${before}, ${after}`);
    same(`${title}: the lamp itself is toggled`, (await lights.call("view", light)).onOff, after);
    await write(peer, ROOT, BasicInformation, "nodeLabel", label);
    same(`${title}: an attribute is written and read back`, await read(peer, ROOT, BasicInformation, "nodeLabel"), label);
}

export function sessionIsOpen(title, controller, seen, nodeId) {
    const session = controller.session(nodeId);
    const other = seen.sessions.find(s => s.secure && !s.pase && s.peer === controller.fabric.nodeId);

    check(`${title}: a CASE session is open at both ends`, session?.isSecure === true && other !== undefined);
}

// The last NOC that the ledger has for a node, and the fabric's authorities.
export async function recordOf(heddle, name, nodeId) {
    const issued = await heddle.ledger("--fabric", name, "--type", "issued");
    const { root, ica } = await heddle.fabric(name);
    const authorities = await heddle.ledger("--type", "authority");
    const byNumber = number => authorities.find(entry => entry.authority === number);

    return {
        noc: issued.filter(entry => entry.node_id === idText(nodeId)).at(-1),
        root: byNumber(root.authority),
        ica: ica && byNumber(ica.authority),
    };
}

// The ledger's hash of the signed part, against the DER that matter.js makes of the TLV. An authority that was adopted
// was signed elsewhere.
function sameTbs(title, { root, ica, noc }) {
    const parsed = (kind, entry) => kind.fromTlv(Buffer.from(entry.certificate_tlv, "hex"));
    const sha256 = bytes => createHash("sha256").update(bytes).digest("hex");
    const tbs = (kind, entry) => entry?.tbs_sha256 && sha256(parsed(kind, entry).asUnsignedDer());

    same(`${title}: matter.js rebuilds the DER that was signed, of root, ICA and NOC`,
        [tbs(Rcac, root), tbs(Icac, ica), tbs(Noc, noc)], [root, ica, noc].map(entry => entry?.tbs_sha256));
}

export async function matchesLedger(title, controller, peer, seen, nodeId) {
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

async function statusOf(action) {
    return action.then(() => 0, error => error.status ?? error.message);
}

// Another controller of the same fabric: may it read from the light?
export async function visitor({ heddle }, fabric, { nodeId, cats, label, lightId }) {
    const controller = await Controller.start(heddle, fabric, { nodeId, cats, label });
    const status = await statusOf(read(await controller.known(lightId), ROOT, AccessControl, "acl"));

    await controller.close();
    return status;
}
