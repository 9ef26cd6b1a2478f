// SPDX-License-Identifier: Apache-2.0
// processes.js - controllers that end and begin again on the storage that they left.
import { execFile } from "node:child_process";
import { dirname } from "node:path";
import { promisify } from "node:util";

import { check, same } from "./checks.js";
import { idText } from "./heddle.js";

const run = promisify(execFile);
const LIMIT_MS = 120_000;

// Runs one of the programs beside this one, with setup.js before it, and gives its standard output.
async function program(name, args, { storage, state }) {
    const here = new URL(".", import.meta.url).pathname;
    const { INTEROP_WORK, HEDDLE, PATH } = process.env;
    const env = {
        ...process.env,
        PATH: `${dirname(HEDDLE)}:${PATH}`,
        INTEROP_STORAGE: `${INTEROP_WORK}/storage-${storage}`,
        HEDDLE_STATE: state,
    };
    const { stdout } = await run(process.execPath, ["--import", `${here}setup.js`, `${here}${name}`, ...args.map(String)],
        { env, timeout: LIMIT_MS, maxBuffer: 64 << 20 });

    return stdout.trim();
}

// The example of docs/integrating.md, begun three times: it commissions, it goes on, it takes a renewed root.
export async function documented(title, { heddle, lights }, { fabric }) {
    const light = await lights.make(title, { discriminator: 3840, passcode: 20202021 });
    const example = () => program("example.js", [], { storage: "example", state: heddle.state });
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
