# SPDX-License-Identifier: Apache-2.0
# ICAC: the authority that signs NOCs every day. Every key is explained in README.md.

[ profile ]
kind = icac
validity = 14610 days       # 40 years: twice the life of a NOC
backdate = 86400

[ subject ]
matter-icac-id = required
matter-fabric-id = optional # costs 34 octets in each NOC: README.md, "Sizes"

[ extensions ]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
