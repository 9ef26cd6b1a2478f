# SPDX-License-Identifier: Apache-2.0
# NOC: the operational certificate of a node. Every key is explained in README.md.

[ profile ]
kind = noc
validity = 7305 days        # 20 years: nothing renews a NOC by itself
backdate = 86400

[ subject ]
matter-node-id = required
matter-fabric-id = required
commonName = optional
matter-noc-cat = optional   # up to three, always last

[ extensions ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, clientAuth, serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
