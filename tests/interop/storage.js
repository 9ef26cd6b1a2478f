// SPDX-License-Identifier: Apache-2.0
// storage.js - a fabric in the storage of matter.js, written by matter.js itself, and a look at what was issued for it.
//
//   node storage.js write DRIVER FOLDER TIERS     DRIVER: file, wal, sqlite; TIERS: 2 (no ICA) or 3
//   node storage.js check DRIVER FOLDER CHAIN     the NOC in CHAIN (noc.tlv, icac.tlv) verifies under the stored root
import "@matter/nodejs";
import { Crypto, Environment, StorageService } from "@matter/general";
import { CertificateAuthority, FabricAuthority, FabricManager, Icac, Noc, Rcac } from "@matter/protocol";
import { FabricId, FabricIndex, NodeId, VendorId } from "@matter/types";
import { readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const [command, ...args] = process.argv.slice(2);
const environment = Environment.default;
const crypto = environment.get(Crypto);

async function open(folder, driver) {
    environment.vars.set("storage.path", dirname(folder));
    const service = environment.get(StorageService);
    if (driver !== undefined) {
        service.configuredDriver = driver;
    }
    return service.open(basename(folder));
}

// What a controller leaves behind: its authority, its fabric, and of each peer the address and the NOCs that it read.
async function write(driver, folder, tiers) {
    const storage = await open(folder, driver);
    const ca = await CertificateAuthority.create(crypto, storage.createContext("certificates"), tiers === "3");
    const fabrics = new FabricManager(crypto, storage.createContext("fabrics"));
    await fabrics.construction;
    const authority = new FabricAuthority({ ca, fabrics });
    await authority.construction;
    await authority.createFabric({
        adminVendorId: VendorId(0xfff1),
        adminFabricId: FabricId(0xfab0000000000077n),
        adminFabricIndex: FabricIndex(1),
        adminFabricLabel: "of a test",
        adminNodeId: NodeId(0x70n),
    });
    for (const node of [0x11n, 0x8899aabbccddeeffn]) {
        const key = await crypto.createKeyPair();
        const noc = await ca.generateNoc(key.publicKey, FabricId(0xfab0000000000077n), NodeId(node), [0x00010002]);
        const endpoint = storage.createContext("nodes").createContext(`peer${node}`).createContext("endpoints").createContext("0");
        await endpoint.createContext("commissioning").set("peerAddress", { fabricIndex: FabricIndex(1), nodeId: NodeId(node) });
        await endpoint.createContext("62").set("0", [{ noc, icac: ca.icacCert ?? null, fabricIndex: FabricIndex(1) }]);
    }
    await storage.close();
}

async function check(driver, folder, chain) {
    const storage = await open(folder, driver);
    const ca = await CertificateAuthority.create(crypto, storage.createContext("certificates"));
    const root = Rcac.fromTlv(ca.rootCert);
    const noc = Noc.fromTlv(await readFile(join(chain, "noc.tlv")));
    const icac = ca.icacCert === undefined ? undefined : Icac.fromTlv(await readFile(join(chain, "icac.tlv")));
    await root.verify(crypto);
    await icac?.verify(crypto, root);
    await noc.verify(crypto, root, icac);
    console.log(`${noc.cert.subject.fabricId.toString(16)} ${noc.cert.subject.nodeId.toString(16)}`);
    await storage.close();
}

await (command === "write" ? write(...args) : check(...args));
process.exit(0);
