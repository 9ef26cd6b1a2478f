// SPDX-License-Identifier: Apache-2.0
// own-ca.js - a controller that is its own CA, as matter.js makes one: commissions the light that is named by
// discriminator and passcode, and keeps keys, certificates and nodes in its storage.
import { ServerNode } from "@matter/main";
import { ControllerBehavior } from "@matter/node";

const [discriminator, passcode] = process.argv.slice(2).map(Number);
const node = await ServerNode.create(ServerNode.RootEndpoint.with(ControllerBehavior), {
    id: "controller",
    controller: { adminFabricLabel: "home" },
});

await node.start();
await node.peers.commission({
    passcode,
    discriminator,
    nodeId: 0x11n,
    onAttestationFailure: true,
    autoSubscribe: false,
});
await node.close();
console.log("commissioned");
process.exit();
