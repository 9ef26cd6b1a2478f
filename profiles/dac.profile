# SPDX-License-Identifier: Apache-2.0
# DAC: says of a device what it is. Every key is explained in README.md.

[ profile ]
kind = dac
validity = no-expiry        # a device whose DAC has expired can never be commissioned again
backdate = 86400
product-ids = attributes    # or common-name: "Mvid:FFF1 Mpid:8000" at its end

[ subject ]
commonName = required
matter-vid = required
matter-pid = required

[ extensions ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = optional
