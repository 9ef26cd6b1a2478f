# SPDX-License-Identifier: Apache-2.0
# CRL signer: signs the CRL of a PAA or PAI in its place. Every key is explained in README.md.

[ profile ]
kind = crl-signer
validity = 3653 days        # 10 years: replaced at leisure, since the PAA or PAI can always sign another
backdate = 86400

[ subject ]
commonName = required

[ extensions ]
basicConstraints = critical, CA:FALSE
keyUsage = critical, cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
