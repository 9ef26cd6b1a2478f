# SPDX-License-Identifier: Apache-2.0
# PAI: the authority that signs DACs. Every key is explained in README.md.

[ profile ]
kind = pai
validity = no-expiry        # no DAC outlives its PAI, and DACs cannot be replaced
backdate = 86400
product-ids = attributes    # or common-name: "Mvid:FFF1 Mpid:8000" at its end

[ subject ]
commonName = required
matter-vid = required
matter-pid = optional       # with it, the PAI is for one product

[ extensions ]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = optional
