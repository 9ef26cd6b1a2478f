// SPDX-License-Identifier: Apache-2.0
// checks.js - named checks, one line each, counted.
import { isDeepStrictEqual } from "node:util";

let passed = 0;
let failed = 0;
let skipped = 0;

const plain = value => JSON.stringify(value, (_key, v) => (typeof v === "bigint" ? "0x" + v.toString(16) : v));

// A check is a sentence that is true or not; `found` says what was there instead.
export function check(sentence, ok, found) {
    if (ok) {
        passed++;
        console.log(`ok    ${sentence}`);
    } else {
        failed++;
        console.log(`FAIL  ${sentence}${found === undefined ? "" : `: ${found}`}`);
    }
    return ok;
}

export function same(sentence, found, expected) {
    return check(sentence, isDeepStrictEqual(found, expected), `${plain(found)} instead of ${plain(expected)}`);
}

// What cannot be shown here, and why.
export function skip(sentence) {
    skipped++;
    console.log(`skip  ${sentence}`);
}

// Runs one part of the test within a time; what it throws counts as one failed check.
export async function part(title, limitSeconds, body) {
    const began = performance.now();
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`not done after ${limitSeconds} s`)), limitSeconds * 1000);
    });

    try {
        await Promise.race([body(), late]);
    } catch (error) {
        check(`${title}: comes to its end`, false, error.message);
        console.error(error);
    } finally {
        clearTimeout(timer);
        console.log(`      ${title}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
    }
}

export function finish() {
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 && passed > 0;
}
