# SPDX-License-Identifier: Apache-2.0
# CD signer: signs certification declarations, of test devices unless it is the alliance's. Every key is explained in README.md.

[ profile ]
kind = cd-signer
validity = no-expiry        # declarations carry no date
backdate = 86400
product-ids = attributes    # or common-name: "Mvid:FFF1 Mpid:8000" at its end

[ subject ]
commonName = required       # with "CD Signing" in it
matter-vid = optional

[ extensions ]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
