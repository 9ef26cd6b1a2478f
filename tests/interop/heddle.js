// SPDX-License-Identifier: Apache-2.0
// heddle.js - the program heddle, called from Node.
//
// Nothing secret is passed as an argument or printed: the IPK travels in a file of mode 0600 inside a folder
// of mode 0700, both of which are gone when the call returns.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const TIME_LIMIT_MS = 30_000;

export const hex = bytes => Buffer.from(bytes).toString("hex");
export const idText = id => "0x" + id.toString(16).toUpperCase().padStart(16, "0");
export const catText = cat => "0x" + cat.toString(16).toUpperCase().padStart(8, "0");

export class Heddle {
    constructor({ program, state }) {
        this.program = program;
        this.state = state;
    }

    // Runs one verb and gives its standard output; a refusal becomes an Error with heddle's own words, the
    // exit status and the id of the rule, which stands in brackets.
    run(...args) {
        return new Promise((resolve, reject) => {
            const options = { timeout: TIME_LIMIT_MS, maxBuffer: 64 << 20 };
            execFile(this.program, ["--state", this.state, ...args], options, (error, stdout, stderr) => {
                if (error === null) {
                    resolve(stdout);
                } else {
                    const rule = /\[([a-z0-9-]+)\]/.exec(stderr)?.[1];
                    reject(Object.assign(new Error(stderr.trim() || error.message), { status: error.code, rule }));
                }
            });
        });
    }

    async json(...args) {
        return JSON.parse(await this.run("--json", ...args));
    }

    fabric(name) {
        return this.json("fabric", "show", name);
    }

    // The chain of a fabric in Matter TLV; a fabric without ICA has no icac.
    chain(name) {
        return inScratch(async dir => {
            await this.run("fabric", "export", name, "--out", dir);
            return readChain(dir);
        });
    }

    // The epoch key, for AddNOC. The ledger keeps a record of every time it is given out.
    ipk(name, why) {
        return inScratch(async dir => {
            const file = join(dir, "ipk");
            await this.run("fabric", "ipk", name, "--out", file, "--why", why);
            return Buffer.from((await readFile(file, "ascii")).trim(), "hex");
        });
    }

    // One NOC. `csr` holds a PKCS#10 request, or NOCSR elements together with the nonce that was sent.
    issue(name, { csr, nonce, nodeId, cats = [] }) {
        return inScratch(async dir => {
            const file = join(dir, "csr");
            await writeFile(file, csr);
            const args = ["noc", "issue", name, "--csr", file, "--node-id", idText(nodeId), "--out", dir];
            for (const cat of cats) {
                args.push("--cat", catText(cat));
            }
            if (nonce !== undefined) {
                args.push("--nonce", hex(nonce));
            }
            const answer = await this.json(...args);
            return { ...answer, ...(await readChain(dir)), noc: await readFile(join(dir, "noc.tlv")) };
        });
    }

    async lines(...args) {
        const lines = (await this.run("--json", ...args)).split("\n");
        return lines.filter(line => line !== "").map(line => JSON.parse(line));
    }

    ledger(...args) {
        return this.lines("ledger", "list", ...args);
    }
}

// Many NOCs from one process: a line for each request, a line for each answer, as `heddle noc batch` has them.
// The token is logged in to once. A request is a PKCS#10 alone; its id follows from it, so that the same request,
// asked again, is answered with the same octets.
export class HeddleBatch {
    #waiting = new Map();
    #errors = "";

    constructor({ program, state }, name) {
        this.child = spawn(program, ["--state", state, "-q", "noc", "batch", name, "--in", "-", "--out", "-"]);
        this.ended = new Promise(resolve => this.child.once("close", resolve));
        this.ended.then(status => this.#fail(new Error(this.#errors.trim() || `the batch ended with ${status}`)));
        this.child.once("error", error => this.#fail(error));
        this.child.stdin.on("error", error => this.#fail(error));
        this.child.stderr.on("data", text => (this.#errors += text));
        createInterface({ input: this.child.stdout }).on("line", line => this.#take(JSON.parse(line)));
    }

    // An answer that nobody waits for any more came too late.
    #take(answer) {
        const waiting = this.#waiting.get(answer.id);

        this.#waiting.delete(answer.id);
        if (answer.status === "refused") {
            waiting?.reject(Object.assign(new Error(answer.why), { rule: answer.rule }));
        } else {
            waiting?.resolve({ ...answer, noc: Buffer.from(answer.noc, "base64") });
        }
    }

    #fail(error) {
        this.#waiting.forEach(({ reject }) => reject(error));
        this.#waiting.clear();
    }

    issue({ csr, nodeId, cats = [] }) {
        const id = `${idText(nodeId)}-${createHash("sha256").update(csr).digest("hex").slice(0, 16)}`;
        const request = { id, csr: Buffer.from(csr).toString("base64"), node_id: idText(nodeId), cats: cats.map(catText) };

        return new Promise((resolve, reject) => {
            const late = setTimeout(() => this.#fail(new Error(`no answer to request ${id}`)), TIME_LIMIT_MS);
            const settle = action => value => {
                clearTimeout(late);
                action(value);
            };
            this.#waiting.set(id, { resolve: settle(resolve), reject: settle(reject) });
            this.child.stdin.write(JSON.stringify(request) + "\n");
        });
    }

    // Gives the batch's exit status: 0, or 10 if a request was refused.
    end() {
        this.child.stdin.end();
        return this.ended;
    }
}

async function inScratch(use) {
    const dir = await mkdtemp(join(tmpdir(), "heddle-"));
    try {
        return await use(dir);
    } finally {
        await rm(dir, { recursive: true });
    }
}

async function readChain(dir) {
    const icac = await readFile(join(dir, "icac.tlv")).catch(error => {
        if (error.code !== "ENOENT") {
            throw error;
        }
    });
    return { rcac: await readFile(join(dir, "rcac.tlv")), icac };
}
