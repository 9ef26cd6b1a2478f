/* SPDX-License-Identifier: Apache-2.0 */
/* The profiles as they stand in profiles/, for `heddle init` to copy into a new state. */
        .section .rodata

        .macro profile symbol, path
        .global ca_profile_\symbol
        .global ca_profile_\symbol\()_end
ca_profile_\symbol:
        .incbin "\path"
ca_profile_\symbol\()_end:
        .endm

        profile rcac, "profiles/rcac.profile"
        profile icac, "profiles/icac.profile"
        profile noc, "profiles/noc.profile"
        profile paa, "profiles/paa.profile"
        profile pai, "profiles/pai.profile"
        profile dac, "profiles/dac.profile"
        profile cd_signer, "profiles/cd-signer.profile"
        profile crl_signer, "profiles/crl-signer.profile"

        .section .note.GNU-stack, "", %progbits
