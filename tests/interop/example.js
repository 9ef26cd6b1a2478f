// SPDX-License-Identifier: Apache-2.0
// example.js - the controller of docs/integrating.md: what stands between the two marks is printed there.
// Run it a second time and it goes on where it was.
// --8<--
import { Crypto, Environment, ServerNode } from "@matter/main";
import { OnOff } from "@matter/main/clusters/on-off";
import { ControllerBehavior } from "@matter/node";
import { CertificateAuthority } from "@matter/protocol";
import { HeddleAuthority, HeddleCommissioningFlow, joinFabric } from "./authority.js";
import { Heddle } from "./heddle.js";
import { invoke, read } from "./interaction.js";

const heddle = new Heddle({ program: "heddle", state: process.env.HEDDLE_STATE });
const environment = new Environment("home", Environment.default);
const authority = await HeddleAuthority.open(heddle, "home", environment.get(Crypto));

environment.set(CertificateAuthority, authority);
const node = await ServerNode.create(ServerNode.RootEndpoint.with(ControllerBehavior), {
    id: "controller",
    environment,
    controller: { adminFabricLabel: "home" },
});
const fabric = await joinFabric(node, authority, { nodeId: 0x1n, label: "home", vendorId: 0xfff1 });
await node.start();

const light = node.peers.get(fabric.addressOf(0x11n)) ?? await node.peers.commission({
    passcode: 20202021,
    discriminator: 3840,
    nodeId: 0x11n,
    fabric,
    commissioningFlowImpl: HeddleCommissioningFlow,
});
await invoke(light, 1, OnOff, "toggle");
console.log(`the light is ${(await read(light, 1, OnOff, "onOff")) ? "on" : "off"}`);
await node.close();
// --8<--
process.exit();
