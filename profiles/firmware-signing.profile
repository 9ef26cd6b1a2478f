# SPDX-License-Identifier: Apache-2.0
# Firmware signing certificate. Every key is explained in README.md.

[ profile ]
kind = firmware-signing
validity = 3653 days        # 10 years
backdate = 86400

[ subject ]
matter-firmware-signing-id = required
matter-fabric-id = optional
commonName = optional

[ extensions ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, codeSigning
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
