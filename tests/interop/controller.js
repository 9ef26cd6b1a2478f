// SPDX-License-Identifier: Apache-2.0
// controller.js - a matter.js controller whose fabric is heddle's, and the lights at the other end.
import { spawn } from "node:child_process";
import { openSync } from "node:fs";

import { Crypto, Environment, Seconds, ServerNode } from "@matter/main";
import { ControllerBehavior } from "@matter/node";
import { CertificateAuthority, SessionManager } from "@matter/protocol";

import { HeddleAuthority, HeddleCommissioningFlow, joinFabric } from "./authority.js";

const VENDOR_ID = 0xfff1;
let nextPort = 5600;

// How long each NOC took, in milliseconds.
export const issueTimes = [];

// The process in the other namespace that holds the devices.
export class Lights {
    #waiting = new Map();
    #next = 0;

    static async start() {
        const lights = new Lights();
        const log = openSync(`${process.env.INTEROP_WORK}/lights.log`, "a");
        const file = new URL("lights.js", import.meta.url).pathname;
        const args = ["-t", process.env.INTEROP_FAR, "-n", process.execPath, file];

        lights.child = spawn("nsenter", args, {
            stdio: ["ignore", log, log, "ipc"],
            serialization: "advanced",
            env: { ...process.env, INTEROP_INTERFACE: "hd1" },
        });
        await new Promise((resolve, reject) => {
            lights.child.once("message", resolve);
            lights.child.once("exit", code => reject(new Error(`the lights ended with ${code}`)));
        });
        lights.child.on("message", answer => lights.#take(answer));
        return lights;
    }

    #take({ number, result, error }) {
        const { resolve, reject } = this.#waiting.get(number);

        this.#waiting.delete(number);
        if (error === undefined) {
            resolve(result);
        } else {
            reject(new Error(error));
        }
    }

    call(verb, args) {
        const number = this.#next++;

        return new Promise((resolve, reject) => {
            this.#waiting.set(number, { resolve, reject });
            this.child.send({ number, verb, args });
        });
    }

    // A light that can be commissioned; discriminator, passcode and port follow from a number.
    async make(name, onboarding = {}) {
        const number = this.#next;
        const light = { name, discriminator: 0x100 + number, passcode: 20202022 + number, ...onboarding };

        await this.call("make", { ...light, port: 5700 + number });
        return light;
    }

    async makeAll(name, count) {
        const lights = [];
        for (let i = 1; i <= count; i++) {
            lights.push(await this.make(`${name} ${i}`));
        }
        return lights;
    }

    async removeAll(lights) {
        for (const light of lights) {
            await this.call("remove", light);
        }
    }

    stop() {
        this.child.kill("SIGKILL");
    }
}

export class Controller {
    static async start(heddle, fabricName, { nodeId, cats, label = fabricName, Authority = HeddleAuthority }) {
        const controller = new Controller();
        const environment = new Environment(label, Environment.default);
        const authority = await Authority.open(heddle, fabricName, environment.get(Crypto));

        environment.set(CertificateAuthority, authority);
        controller.node = await ServerNode.create(ServerNode.RootEndpoint.with(ControllerBehavior), {
            id: label,
            environment,
            network: { port: nextPort++, ipv4: false, ble: false },
            controller: { adminFabricLabel: label },
        });
        controller.authority = authority;
        controller.fabric = await joinFabric(controller.node, authority, { nodeId, cats, label, vendorId: VENDOR_ID });
        await controller.node.start();
        return controller;
    }

    // Gives the client node and the time that it took.
    async commission(light, nodeId, flow = HeddleCommissioningFlow) {
        const began = performance.now();
        const peer = await this.node.peers.commission({
            discriminator: light.discriminator,
            passcode: light.passcode,
            nodeId,
            fabric: this.fabric,
            commissioningFlowImpl: flow,
            onAttestationFailure: true,
            timeout: Seconds(90),
            autoSubscribe: false,
        });
        return { peer, ms: performance.now() - began };
    }

    // A node that another controller of the fabric commissioned.
    known(nodeId) {
        return this.node.peers.forAddress({ fabricIndex: this.fabric.fabricIndex, nodeId });
    }

    session(nodeId) {
        return this.node.env.get(SessionManager).sessions.find(s => s.peerNodeId === nodeId && !s.isPase);
    }

    // Ends the session and forgets how to resume it, so that the next one shows certificates again.
    async endSession(nodeId) {
        const sessions = this.node.env.get(SessionManager);

        await this.session(nodeId)?.initiateForceClose({ cause: new Error("the other side gets a new look") });
        await sessions.deleteResumptionRecord(this.fabric.addressOf(nodeId));
    }

    close() {
        issueTimes.push(...this.authority.issued.map(each => each.ms));
        return this.node.close();
    }
}
