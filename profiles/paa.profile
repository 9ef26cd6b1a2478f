# SPDX-License-Identifier: Apache-2.0
# PAA: the root of a maker's product attestation. Every key is explained in README.md.

[ profile ]
kind = paa
validity = no-expiry        # trust stores keep it for as long as its devices are commissioned
backdate = 86400
product-ids = attributes    # or common-name: "Mvid:FFF1 Mpid:8000" at its end

[ subject ]
commonName = required
matter-vid = optional       # with it, the PAA is for one vendor

[ extensions ]
basicConstraints = critical, CA:TRUE, pathlen:1
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
