/** Why a TLS handshake failed, by Node's and OpenSSL's codes, as the end of a sentence about the peer. */
const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired"],
  [/^CERT_NOT_YET_VALID$/, "its certificate is not valid yet"],
  [/^(INVALID_PURPOSE|ERR_SSL_UNSUPPORTED_CERTIFICATE_PURPOSE)$/, "its certificate is for another purpose"],
  [/^ERR_TLS_CERT_ALTNAME_INVALID$/, "its certificate has another name"],
  [
    /^(UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT(_LOCALLY)?|SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|CERT_SIGNATURE_FAILURE|INVALID_CA|CERT_UNTRUSTED)$/,
    "its certificate is of another authority",
  ],
  [/^ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE$/, "it has no certificate"],
  [/^ERR_SSL_.*ALERT/, "it refuses our certificate"],
  [/^(EPROTO|ERR_SSL_.*)$/, "it does not speak TLS 1.3"],
];

/** Why the peer is not who it must be, as the end of a sentence; undefined when something else went wrong. */
export function tlsFailure(error: unknown): string | undefined {
  const code = typeof error === "string" ? error : (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== "string") return undefined;
  return reasons.find(([pattern]) => pattern.test(code))?.[1];
}
