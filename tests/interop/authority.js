// SPDX-License-Identifier: Apache-2.0
// authority.js - heddle as the certificate authority of a matter.js controller.
//
//   const authority = await HeddleAuthority.open(heddle, "home", environment.get(Crypto));
//   environment.set(CertificateAuthority, authority);          before the controller node is made
//   const fabric = await joinFabric(node, authority, { nodeId, label, vendorId });
//   await node.peers.commission({ ..., fabric, commissioningFlowImpl: HeddleCommissioningFlow });
import { Bytes, Crypto } from "@matter/general";
import {
    Certificate,
    CommissioningError,
    ControllerCommissioningFlow,
    FabricAuthority,
    FabricBuilder,
    FabricManager,
    Invoke,
    Rcac,
    TlvCertSigningRequest,
} from "@matter/protocol";

import { GeneralCommissioning } from "@matter/main/clusters/general-commissioning";
import { OperationalCredentials } from "@matter/main/clusters/operational-credentials";

import { HeddleBatch, hex } from "./heddle.js";
import { invoke } from "./interaction.js";

// Stands where matter.js has its CertificateAuthority. It does not extend that class, whose constructor
// makes a root key of its own: here no key of an authority is ever in this process.
export class HeddleAuthority {
    #csrs = new Map();

    constructor(heddle, name, { crypto, fabricId, chain }) {
        Object.assign(this, { heddle, name, crypto, fabricId, chain, issued: [] });
    }

    static async open(heddle, name, crypto) {
        const { fabric_id } = await heddle.fabric(name);
        const chain = await heddle.chain(name);

        return new this(heddle, name, { crypto, fabricId: BigInt(fabric_id), chain });
    }

    get rootCert() {
        return this.chain.rcac;
    }

    get icacCert() {
        return this.chain.icac;
    }

    // The root as it is now. To matter.js a fabric is this authority's only as long as both have the same octets
    // of root certificate, so the root that `open` found stays until the controller's fabric takes the next one.
    async refresh() {
        this.chain = await this.heddle.chain(this.name);
    }

    // matter.js hands over a public key alone; heddle wants to see the request that proves possession of it.
    offer(publicKey, csr, nonce) {
        this.#csrs.set(hex(publicKey), { csr, nonce });
    }

    async generateNoc(publicKey, fabricId, nodeId, cats) {
        const request = this.#csrs.get(hex(publicKey));

        if (request === undefined) {
            throw new CommissioningError("no CSR was seen for this public key");
        }
        if (fabricId !== this.fabricId) {
            throw new CommissioningError(`fabric ${this.name} has another fabric id`);
        }
        this.#csrs.delete(hex(publicKey));
        const began = performance.now();
        const answer = await this.#issue({ ...request, nodeId, cats });
        this.chain.icac = answer.icac;
        this.issued.push({ ...answer, ms: performance.now() - began });
        return answer.noc;
    }

    // Only at a CommissioningError does matter.js end the device's fail-safe; at any other the device stays
    // closed until its fail-safe runs out, a minute later.
    async #issue(request) {
        try {
            return await this.issue(request);
        } catch (cause) {
            throw new CommissioningError(cause.message, { cause });
        }
    }

    issue(request) {
        return this.heddle.issue(this.name, request);
    }

    close() {}
}

// The same with one `heddle noc batch` for all NOCs, which wants a PKCS#10: matter.js checks the NOCSR elements. The
// batch keeps the ICA with which it began.
export class HeddleBatchAuthority extends HeddleAuthority {
    #batch;

    async issue({ csr, nonce, ...request }) {
        if (this.#batch === undefined) {
            this.#batch = new HeddleBatch(this.heddle, this.name);
            this.chain.icac = (await this.heddle.chain(this.name)).icac;
        }
        const pkcs10 = nonce === undefined ? csr : TlvCertSigningRequest.decode(csr).certSigningRequest;

        return { ...(await this.#batch.issue({ csr: pkcs10, ...request })), icac: this.chain.icac };
    }

    // Gives the batch's exit status.
    end() {
        return this.#batch?.end();
    }
}

// The controller's own membership: its key, the NOC for it, the fabric's IPK. A controller that was a member before
// stays what it was; if heddle has a new root certificate meanwhile, it takes that with a new key.
export async function joinFabric(node, authority, { nodeId, cats, label, vendorId }) {
    const fabrics = node.env.get(FabricManager);
    const rootKey = Rcac.publicKeyOfTlv(authority.rootCert);
    const known = fabrics.find(each => each.matchesFabricIdAndRootPublicKey(authority.fabricId, rootKey));
    const builder = await FabricBuilder.create(node.env.get(Crypto));

    if (known !== undefined) {
        const same = Bytes.areEqual(known.rootCert, authority.rootCert);
        return same ? known : renewKey(node, authority, known, cats);
    }

    await builder.setRootCert(authority.rootCert);
    await certify(builder, authority, nodeId, cats);
    builder
        .setRootNodeId(nodeId)
        .setRootVendorId(vendorId)
        .setLabel(label)
        .setIdentityProtectionKey(await authority.heddle.ipk(authority.name, "matter.js controller"));
    const fabric = await builder.build(fabrics.allocateFabricIndex());
    fabrics.addFabric(fabric);
    await fabric.persist();
    // Tells matter.js to keep the controller's own node id from its peers, and to look out for them.
    await node.env.get(FabricAuthority).fabricAdded.emit(fabric);
    return fabric;
}

// A new key and NOC for the controller, under the same node id, and the root certificate and ICAC of now.
export async function renewKey(node, authority, fabric, cats) {
    const fabrics = node.env.get(FabricManager);
    const builder = await FabricBuilder.create(node.env.get(Crypto));

    await authority.refresh();
    builder.initializeFromFabricForUpdate(fabric);
    await builder.setRootCert(authority.rootCert);
    await certify(builder, authority, fabric.nodeId, cats);
    const renewed = await builder.build(fabric.fabricIndex);
    await fabrics.replaceFabric(renewed);
    return renewed;
}

// A new key and NOC for a node of the fabric: CSRRequest and UpdateNOC over CASE, then, over a new CASE
// session, CommissioningComplete, which makes it last.
export async function renewNode(controller, peer, nodeId, cats) {
    const { authority, node } = controller;
    const crypto = node.env.get(Crypto);
    const csrNonce = crypto.randomBytes(32);

    await invoke(peer, 0, GeneralCommissioning, "armFailSafe", { expiryLengthSeconds: 60, breadcrumb: 1n });
    const asked = { csrNonce, isForUpdateNoc: true };
    const { nocsrElements } = await invoke(peer, 0, OperationalCredentials, "csrRequest", asked);
    const request = { csr: nocsrElements, nonce: csrNonce, nodeId, cats };
    const { noc, icac, replaces } = await authority.heddle.issue(authority.name, request);
    const answer = await invoke(peer, 0, OperationalCredentials, "updateNoc", { nocValue: noc, icacValue: icac });
    if (answer.statusCode !== 0) {
        throw new CommissioningError(`UpdateNOC was answered with ${answer.statusCode}: ${answer.debugText}`);
    }
    await controller.endSession(nodeId);
    await invoke(peer, 0, GeneralCommissioning, "commissioningComplete");
    return { noc, replaces };
}

async function certify(builder, authority, nodeId, cats) {
    authority.offer(builder.publicKey, await builder.createCertificateSigningRequest());
    const noc = await authority.generateNoc(builder.publicKey, authority.fabricId, nodeId, cats);
    await builder.setOperationalCert(noc, authority.icacCert);
}

// matter.js's commissioning, with a look at the commands: the NOCSR elements that answer CSRRequest go to
// heddle whole, with the nonce that was sent, so that it is heddle that checks them.
export class HeddleCommissioningFlow extends ControllerCommissioningFlow {
    constructor(interaction, ca, ...rest) {
        super(interaction, ca, ...rest);
        const invoke = interaction.invoke.bind(interaction);
        interaction.invoke = (request, session) => this.#watch(invoke, request, session);
    }

    // For those who want to see or to change what is sent.
    sending(_command, fields) {
        return fields;
    }

    async received(command, fields, answer) {
        if (command === "csrRequest") {
            const elements = answer.nocsrElements;
            const { certSigningRequest } = TlvCertSigningRequest.decode(elements);
            const publicKey = await Certificate.getPublicKeyFromCsr(this.ca.crypto, certSigningRequest);
            this.ca.offer(publicKey, elements, fields.csrNonce);
        }
    }

    async *#watch(invoke, request, session) {
        const [command] = request.commands.values();
        const fields = this.sending(command.command, command.fields);

        if (fields !== command.fields) {
            request = Invoke({ ...request, commands: [{ ...command, fields }] });
        }
        for await (const chunk of invoke(request, session)) {
            for (const entry of chunk) {
                if (entry.kind === "cmd-response") {
                    await this.received(command.command, fields, entry.data);
                }
            }
            yield chunk;
        }
    }
}
