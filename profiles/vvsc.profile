# SPDX-License-Identifier: Apache-2.0
# VVSC: signs vendor id verification statements. Every key is explained in README.md.

[ profile ]
kind = vvsc
validity = 7305 days        # 20 years, as the NOCs beside which nodes keep it
backdate = 86400

[ subject ]
matter-vvs-id = required
commonName = optional

[ extensions ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
