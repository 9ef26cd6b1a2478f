# SPDX-License-Identifier: Apache-2.0
# sdk_certs.bash - sourced: keys and certificates made by openssl in the shape of the SDK's example issuer, in $work.
#
#     key NAME                                            $work/NAME.key (SEC 1, PEM)
#     cert NAME SUBJECT ISSUER SERIAL EXTENSIONS...       $work/NAME.pem; ISSUER = NAME for a root
#
# From $not_before to $not_after, which are those of the example issuer.

not_before=20210101000000Z not_after=20301230000000Z
root_ext='basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign'
noc_ext='basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=critical,clientAuth,serverAuth'

cat >"$work/sdk.conf" <<CONF
oid_section = oids
[oids]
mNode = 1.3.6.1.4.1.37244.1.1
mIca = 1.3.6.1.4.1.37244.1.3
mRoot = 1.3.6.1.4.1.37244.1.4
mFabric = 1.3.6.1.4.1.37244.1.5
[req]
distinguished_name = empty
string_mask = utf8only
[empty]
[ca]
default_ca = any
[any]
database = $work/sdk.index
serial = $work/sdk.serial
new_certs_dir = $work
default_md = sha256
unique_subject = no
policy = empty
CONF

key() { openssl ecparam -name prime256v1 -genkey -noout -out "$work/$1.key" && chmod 600 "$work/$1.key"; }
cert() {
    local name=$1 subject=$2 issuer=$3 serial=$4 by
    shift 4
    : >"$work/sdk.index"
    printf '%02X\n' "$serial" >"$work/sdk.serial"
    # shellcheck disable=SC2048,SC2086
    printf '%s\n' $* 'subjectKeyIdentifier=hash' 'authorityKeyIdentifier=keyid:always' >"$work/sdk.ext"
    openssl req -new -utf8 -config "$work/sdk.conf" -key "$work/$name.key" -subj "$subject" -out "$work/$name.req" 2>/dev/null
    if [ "$issuer" = "$name" ]; then by=-selfsign; else by="-cert $work/$issuer.pem"; fi
    # shellcheck disable=SC2086
    openssl ca -batch -config "$work/sdk.conf" -keyfile "$work/$issuer.key" $by -in "$work/$name.req" -out "$work/$name.pem" \
        -preserveDN -notext -startdate $not_before -enddate $not_after -extfile "$work/sdk.ext" 2>"$work/sdk.log" ||
        { cat "$work/sdk.log"; return 1; }
}
