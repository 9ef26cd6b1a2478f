# SPDX-License-Identifier: Apache-2.0
# RCAC: the root of a fabric. Every key is explained in README.md.

[ profile ]
kind = rcac
validity = no-expiry        # no command replaces a root that a node holds
backdate = 86400

[ subject ]
matter-rcac-id = required
matter-fabric-id = optional # costs 34 octets in each certificate below: README.md, "Sizes"

[ extensions ]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
