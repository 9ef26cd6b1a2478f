# SPDX-License-Identifier: Apache-2.0
# The files that the examples of mistakes.md speak of, made in the current folder. Sourced by check.sh, which has
# both programs in its PATH.
# shellcheck shell=sh
forge() { mattercert forge --quiet --at 2026-11-23 "$@"; }
forge noc --fault validity-in-past --out chain --form tlv
forge noc --fault subject-fabricid-mismatch --out wrong --form tlv
forge rcac --out other --form tlv
forge dac --fault subject-vid-mismatch --out device --form der
cp chain/rcac-valid.tlv rcac.tlv
cp chain/icac-valid.tlv icac.tlv
cp chain/noc-valid.tlv noc.tlv
cp wrong/rcac-valid.tlv rcac-b.tlv
cp wrong/icac-valid.tlv icac-b.tlv
cp wrong/noc-subject-fabricid-mismatch.tlv noc-b.tlv
cp other/rcac-valid.tlv other-rcac.tlv
cp device/paa-valid.der paa.der
cp device/pai-valid.der pai.der
cp device/dac-subject-vid-mismatch.der dac.der
mkdir nocs
cp noc.tlv nocs/lamp.tlv
cp chain/noc-validity-in-past.tlv nocs/plug.tlv
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root.key -out root.pem -days 3650 \
    -subj "/CN=My Matter Root" 2>/dev/null
for name in node other; do
    openssl ecparam -name prime256v1 -genkey -noout -out $name.key
    openssl req -new -key $name.key -subj /O=CSR -out $name.csr
done
openssl ecparam -name secp384r1 -genkey -noout -out p384.key
openssl req -new -key p384.key -subj /O=CSR -out p384.csr
mattercert convert noc.tlv - --to tlv-hex | cut -c1-300 >cut.hex
: >empty.der
printf 'chip[DMG] AddNOC failed\nchip[CTL] Error: CHIP Error 0x0000004A\n' >chip.log
heddle --quiet init
heddle --quiet fabric create home --fabric-id 0xFAB1 >/dev/null
