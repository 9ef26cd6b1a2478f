// SPDX-License-Identifier: Apache-2.0
// lights.js - the devices' side: on/off lights in a network namespace of their own, made and looked at by
// messages from the process that drives the test.
import "./setup.js";

import { Endpoint, ServerNode } from "@matter/main";
import { AdministratorCommissioningServer } from "@matter/main/behaviors/administrator-commissioning";
import { OnOffLightDevice } from "@matter/main/devices/on-off-light";
import { FabricManager, SessionManager } from "@matter/protocol";

const Light = ServerNode.RootEndpoint.with(AdministratorCommissioningServer.with("Basic"));
const lights = new Map();

async function make({ name, port, discriminator, passcode }) {
    const node = await ServerNode.create(Light, {
        id: name,
        network: { port, ipv4: false, ble: false },
        commissioning: { passcode, discriminator },
        productDescription: { name, deviceType: OnOffLightDevice.deviceType },
        basicInformation: { vendorName: "heddle", vendorId: 0xfff1, productName: "light", productId: 0x8000 },
    });

    await node.add(new Endpoint(OnOffLightDevice, { id: "lamp" }));
    await node.start();
    lights.set(name, node);
}

// What the device itself believes: its fabrics, who may administer it, who is connected.
function view({ name }) {
    const node = lights.get(name);
    const fabrics = node.env.get(FabricManager).fabrics.map(fabric => ({
        fabricId: fabric.fabricId,
        nodeId: fabric.nodeId,
        compressedId: fabric.globalId,
        root: Buffer.from(fabric.rootCert).toString("hex"),
        noc: Buffer.from(fabric.operationalCert).toString("hex"),
        icac: fabric.intermediateCACert && Buffer.from(fabric.intermediateCACert).toString("hex"),
    }));
    const sessions = node.env.get(SessionManager).sessions.map(session => ({
        secure: session.isSecure,
        pase: session.isPase,
        peer: session.peerNodeId,
        cats: [...session.caseAuthenticatedTags],
    }));
    const { acl } = node.state.accessControl;
    const lamp = [...node.parts][0];

    return {
        fabrics,
        sessions,
        acl: acl.map(({ privilege, subjects }) => ({ privilege, subjects: [...(subjects ?? [])] })),
        onOff: lamp.state.onOff.onOff,
    };
}

async function remove({ name }) {
    await lights.get(name).close();
    lights.delete(name);
}

const verbs = { make, view, remove };

process.on("message", async ({ number, verb, args }) => {
    try {
        process.send({ number, result: await verbs[verb](args) });
    } catch (error) {
        process.send({ number, error: error.stack });
    }
});
process.on("disconnect", () => process.exit());
process.send({ ready: true });
