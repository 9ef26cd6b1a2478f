// SPDX-License-Identifier: Apache-2.0
// processes.js - controllers that end and begin again on the storage that they left: heddle's, and one that was
// its own CA before heddle adopted its fabric.
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";

import { renewNode } from "./authority.js";
import { check, same } from "./checks.js";
import { Controller } from "./controller.js";
import { Heddle, hex, idText } from "./heddle.js";
import { commissioned, usesAttributes } from "./looks.js";

const run = promisify(execFile);
const LIMIT_MS = 120_000;

const storage = name => `${process.env.INTEROP_WORK}/storage-${name}`;

// Runs one of the programs beside this one, with setup.js before it, and gives its standard output.
async function program(name, args, { storage, state }) {
    const here = new URL(".", import.meta.url).pathname;
    const { HEDDLE, PATH } = process.env;
    const env = {
        ...process.env,
        PATH: `${dirname(HEDDLE)}:${PATH}`,
        INTEROP_STORAGE: storage,
        HEDDLE_STATE: state,
    };
    const { stdout } = await run(process.execPath, ["--import", `${here}setup.js`, `${here}${name}`, ...args.map(String)],
        { env, timeout: LIMIT_MS, maxBuffer: 64 << 20 });

    return stdout.trim();
}

// The example of docs/integrating.md, begun three times: it commissions, it goes on, it takes a renewed root.
export async function documented(title, { heddle, lights }, { fabric }) {
    const light = await lights.make(title, { discriminator: 3840, passcode: 20202021 });
    const example = () => program("example.js", [], { storage: storage("example"), state: heddle.state });
    const view = async () => (await lights.call("view", light)).fabrics[0];

    same(`${title}: the light is commissioned and switched on`, await example(), "the light is on");
    const { noc } = await view();
    same(`${title}: the next time it goes on`, await example(), "the light is off");
    same(`${title}: the light holds the same NOC`, (await view()).noc, noc);
    same(`${title}: heddle issued for the controller once`, await issuedTo(heddle, fabric, 0x1n), 1);
    await heddle.run("root", "renew", fabric);
    same(`${title}: after root renew it goes on`, await example(), "the light is on");
    same(`${title}: with a new NOC of the controller's`, await issuedTo(heddle, fabric, 0x1n), 2);
    await lights.call("remove", light);
}

async function issuedTo(heddle, fabric, nodeId) {
    const issued = await heddle.ledger("--fabric", fabric, "--type", "issued");
    return issued.filter(entry => entry.node_id === idText(nodeId)).length;
}

// A fabric that a controller of matter.js made with its own CA: heddle takes it over from the controller's storage, and
// the same controller, heddle's now, goes on with that storage.
export async function adopted(title, { lights }) {
    const heddle = new Heddle({ program: process.env.HEDDLE, state: `${process.env.INTEROP_WORK}/ca-adopted` });
    const light = await lights.make(title);
    const old = { storage: storage("adopted"), state: heddle.state };
    const view = async () => (await lights.call("view", light)).fabrics[0];
    await program("own-ca.js", [light.discriminator, light.passcode], old);
    const before = await view();

    await heddle.run("init");
    await heddle.run("fabric", "adopt", "home", "--from", old.storage, "--no-backup");
    const { fabric_id, compressed_fabric_id } = await heddle.fabric("home");
    same(`${title}: heddle has the light's root and ids`,
        [hex((await heddle.chain("home")).rcac), fabric_id, "0x" + compressed_fabric_id],
        [before.root, idText(before.fabricId), idText(before.compressedId)]);
    const nodes = (await heddle.json("node", "list", "home")).nodes.map(node => BigInt(node.node_id));
    check(`${title}: node list has the light and the controller`, nodes.length === 2 && nodes.includes(0x11n));

    same(`${title}: the controller goes on under heddle`, await program("example.js", [], old), "the light is on");
    same(`${title}: the light holds what it held`, await view(), before);
    const controllerId = nodes.find(nodeId => nodeId !== 0x11n);
    const controller = await Controller.start(heddle, "home", { nodeId: controllerId, label: title });
    const peer = await controller.known(0x11n);
    await usesAttributes(`${title}, with a NOC of heddle's`, peer, lights, light);
    const { noc } = await renewNode(controller, peer, 0x11n);
    const seen = await lights.call("view", light);
    same(`${title}: UpdateNOC brings a NOC of heddle's`, seen.fabrics[0].noc, hex(noc));
    await usesAttributes(`${title}, after UpdateNOC`, peer, lights, light);

    const next = await lights.make(`${title}, next`);
    await commissioned(`${title}, the next light`, controller, lights, next, 0x12n);
    const { entries } = await heddle.json("ledger", "verify");
    check(`${title}: the ledger of ${entries} entries verifies`, entries > 0);
    await lights.removeAll([light, next]);
    await controller.close();
}
