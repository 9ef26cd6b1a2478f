// SPDX-License-Identifier: Apache-2.0
// main.js - makes a state and its fabrics, runs the cases, counts.
import "./setup.js";

import { appendFile } from "node:fs/promises";

import { byCat, largest, several, simple, twoControllers, twoFabrics } from "./cases.js";
import { check, finish, part } from "./checks.js";
import { Lights, issueTimes } from "./controller.js";
import { Heddle } from "./heddle.js";
import { times } from "./looks.js";
import { refusedByLight, refusedUpdates, wrongNodeId } from "./refusals.js";
import { adopted, documented } from "./processes.js";
import { endedIca, endsAtOnce, refusedByHeddle } from "./requests.js";
import { newIca, newKey, newRoot, updateNoc } from "./rotation.js";
import { verdicts } from "./verdicts.js";

const FABRICS = [
    ["chain", "0xFAB1"],
    ["root-only", "0xFAB2", "--no-ica"],
    ["pinned", "0xFAB3", "--pin-fabric-id"],
    ["largest", "0xFFFFFFFFFFFFFFFF", "--pin-fabric-id"],
    ["smallest", "0x1", "--no-ica"],
    ["tags", "0xFAB4"],
    ["row", "0xFAB5"],
    ["batch", "0xFAB9"],
    ["home", "0xFABA"],
    ["new-ica", "0xFAB6"],
    ["new-root", "0xFAB7"],
    ["new-root-only", "0xFAB8", "--no-ica"],
];

const LIGHTS = Number(process.env.INTEROP_LIGHTS ?? 50);

const THREE_CATS = [0xabcd0001, 0x7fff0003, 0x00010002];

const LARGE_CATS = [0xffff0001, 0xfffe0001, 0xfffd0001];

const CASES = [
    ["root and ICA", simple, { fabric: "chain", controllerId: 0xcn, nodeId: 0x11n }],
    ["root only", simple, { fabric: "root-only", controllerId: 0xcn, nodeId: 0x11n }],
    ["fabric id in all names", simple, { fabric: "pinned", controllerId: 0xcn, nodeId: 0x11n }],
    ["largest ids", simple, { fabric: "largest", controllerId: 0xffffffef_fffffffen, nodeId: 0xffffffef_ffffffffn }],
    ["smallest ids", simple, { fabric: "smallest", controllerId: 0x2n, nodeId: 0x1n }],
    ["1 CAT", byCat, { fabric: "tags", cats: [0x00010002], granted: 0x00010002, controllerId: 0x100n, lightId: 0x11n }],
    ["3 CATs", byCat, { fabric: "tags", cats: THREE_CATS, granted: THREE_CATS[1], controllerId: 0x200n, lightId: 0x12n }],
    ["a row of lights", several, { fabric: "row", count: LIGHTS }],
    ["a row of lights by one batch", several, { fabric: "batch", count: LIGHTS, batch: true }],
    ["largest root and NOC", largest,
        { fabric: "large", icacText: "i".repeat(13), cats: LARGE_CATS, reaches: { tlv: { root: 400 }, nocDer: 600 } }],
    ["largest root and ICAC", largest,
        { fabric: "large-ica", icacText: "i".repeat(62), reaches: { tlv: { root: 400, icac: 400 }, nocDer: 571 } }],
    ["controller's key changed", newKey, { fabric: "chain" }],
    ["light's key changed", updateNoc, { fabric: "chain" }],
    ["light's key changed, root only", updateNoc, { fabric: "root-only" }],
    ["a new ICA", newIca, { fabric: "new-ica" }],
    ["a new root", newRoot, { fabric: "new-root" }],
    ["a new root, root only", newRoot, { fabric: "new-root-only" }],
    ["the example of the documentation", documented, { fabric: "home" }],
    ["a fabric that was adopted", adopted],
    ["two controllers", twoControllers, { fabric: "chain" }],
    ["two fabrics on one light", twoFabrics, { fabrics: ["chain", "root-only"] }],
    ["refused by the light", refusedByLight, { fabric: "chain" }],
    ["refused at UpdateNOC", refusedUpdates, { fabric: "chain" }],
    ["refused by heddle", refusedByHeddle, { fabric: "chain" }],
    ["refused in the middle", endsAtOnce, { fabric: "chain" }],
    ["an ICAC that has ended", endedIca, { fabric: "ended" }],
    ["verdicts", verdicts],
    ["wrong node id", wrongNodeId, { fabric: "chain" }],
];

const CASE_SECONDS = 60 + 5 * LIGHTS;

// A state of its own for heddle, with fabrics.
async function state(name, fabrics = [], configuration = "") {
    const heddle = new Heddle({ program: process.env.HEDDLE, state: `${process.env.INTEROP_WORK}/ca-${name}` });

    await heddle.run("init");
    await appendFile(`${heddle.state}/heddle.conf`, configuration);
    for (const [fabric, id, ...options] of fabrics) {
        await heddle.run("fabric", "create", fabric, "--fabric-id", id, ...options);
    }
    return heddle;
}

const heddle = await state("main", FABRICS);
const stranger = await state("stranger", [["chain", "0xFAB1"], ["other", "0xFAB2"]]);
const large = await state("large", [], "[ lifetimes ]\nrcac = 7300 days\n");
const lights = await Lights.start();
const ONLY = new RegExp(process.env.INTEROP_CASES ?? "");
for (const [title, run, options] of CASES.filter(([title]) => ONLY.test(title))) {
    await part(title, CASE_SECONDS, () => run(title, { heddle, stranger, large, lights }, options));
}
await part("the ledger afterwards", CASE_SECONDS, async () => {
    for (const each of [heddle, stranger, large]) {
        const { entries } = await each.json("ledger", "verify");
        check(`a ledger of ${entries} entries verifies`, entries > 0);
    }
});
lights.stop();

const median = numbers => Math.round([...numbers].sort((a, b) => a - b)[numbers.length >> 1] ?? 0);
console.log(`      Node ${process.version}: ${times.length} commissionings, median ${median(times)} ms;`
    + ` ${issueTimes.length} NOCs, median ${median(issueTimes)} ms`);
process.exitCode = finish() ? 0 : 1;
setTimeout(() => process.exit(), 1000).unref();
