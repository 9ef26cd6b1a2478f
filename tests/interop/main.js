// SPDX-License-Identifier: Apache-2.0
// main.js - makes a state and its fabrics, runs the cases, counts.
import "./setup.js";

import { byCat, newKey, several, simple, times, twoFabrics, updateNoc } from "./cases.js";
import { check, finish, part } from "./checks.js";
import { Lights } from "./controller.js";
import { Heddle } from "./heddle.js";
import { endsAtOnce, refusedByHeddle, refusedByLight } from "./refusals.js";

const FABRICS = [
    ["chain", "0xFAB1"],
    ["root-only", "0xFAB2", "--no-ica"],
    ["pinned", "0xFAB3", "--pin-fabric-id"],
    ["largest", "0xFFFFFFFFFFFFFFFF", "--pin-fabric-id"],
    ["smallest", "0x1", "--no-ica"],
    ["tags", "0xFAB4"],
    ["row", "0xFAB5"],
];

const CASES = [
    ["root and ICA", simple, { fabric: "chain", controllerId: 0xcn, nodeId: 0x11n }],
    ["root only", simple, { fabric: "root-only", controllerId: 0xcn, nodeId: 0x11n }],
    ["fabric id in all names", simple, { fabric: "pinned", controllerId: 0xcn, nodeId: 0x11n }],
    ["largest ids", simple, { fabric: "largest", controllerId: 0xffffffef_fffffffen, nodeId: 0xffffffef_ffffffffn }],
    ["smallest ids", simple, { fabric: "smallest", controllerId: 0x2n, nodeId: 0x1n }],
    ["1 CAT", byCat,
        { fabric: "tags", cats: [0x00010002], granted: 0x00010002, controllerId: 0x100n, lightId: 0x11n }],
    ["3 CATs", byCat,
        { fabric: "tags", cats: [0xabcd0001, 0x7fff0003, 0x00010002], granted: 0x7fff0003, controllerId: 0x200n, lightId: 0x12n }],
    ["two lights", several, { fabric: "row", count: 2, firstId: 0x11n }],
    ["controller's key changed", newKey, { fabric: "chain" }],
    ["light's key changed", updateNoc, { fabric: "chain" }],
    ["light's key changed, root only", updateNoc, { fabric: "root-only" }],
    ["two fabrics on one light", twoFabrics, { fabrics: ["chain", "root-only"] }],
    ["refused by the light", refusedByLight, { fabric: "chain" }],
    ["refused by heddle", refusedByHeddle, { fabric: "chain" }],
    ["refused in the middle", endsAtOnce, { fabric: "chain" }],
];

const CASE_SECONDS = 90;

const heddle = new Heddle({ program: process.env.HEDDLE, state: process.env.INTEROP_WORK + "/state" });
await heddle.run("init");
for (const [name, id, ...options] of FABRICS) {
    await heddle.run("fabric", "create", name, "--fabric-id", id, ...options);
}
const stranger = new Heddle({ program: process.env.HEDDLE, state: process.env.INTEROP_WORK + "/stranger" });
await stranger.run("init");
await stranger.run("fabric", "create", "chain", "--fabric-id", "0xFAB1");
const lights = await Lights.start();
for (const [title, run, options] of CASES) {
    await part(title, CASE_SECONDS, () => run(title, { heddle, stranger, lights }, options));
}
await part("the ledger afterwards", CASE_SECONDS, async () => {
    await heddle.run("ledger", "verify");
    check("the ledger verifies", true);
});
lights.stop();

const middle = [...times].sort((a, b) => a - b)[times.length >> 1];
console.log(`      Node ${process.version}: ${times.length} commissionings, median ${Math.round(middle)} ms`);
process.exitCode = finish() ? 0 : 1;
setTimeout(() => process.exit(), 1000).unref();
