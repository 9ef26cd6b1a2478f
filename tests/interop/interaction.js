// SPDX-License-Identifier: Apache-2.0
// interaction.js - one attribute or one command of a commissioned node.
import { Invoke, Read, Write } from "@matter/protocol";

async function first(chunks) {
    const entries = [];

    for await (const chunk of chunks) {
        entries.push(...chunk);
    }
    return entries[0];
}

// The value of an attribute or the answer to a command. A status other than success becomes an Error that
// has the number.
function value(entry) {
    const status = entry?.status ?? 0;

    if (status !== 0) {
        throw Object.assign(new Error(`status ${status}`), { status });
    }
    return entry?.value ?? entry?.data;
}

export async function read(peer, endpoint, cluster, attribute) {
    return value(await first(peer.interaction.read(Read(Read.Attribute({ endpoint, cluster, attributes: attribute })))));
}

export async function invoke(peer, endpoint, cluster, command, fields) {
    return value(await first(peer.interaction.invoke(Invoke({ endpoint, cluster, command, fields }))));
}

export async function write(peer, endpoint, cluster, attribute, content) {
    const request = Write(Write.Attribute({ endpoint, cluster, attributes: attribute, value: content }));

    for (const answer of await peer.interaction.write(request)) {
        value(answer);
    }
}
