import { createSecureContext, type SecureContext } from "node:tls";

/** A certificate, its key, and the authority that peers must be of; PEM texts. */
export interface TlsCredentials {
  readonly cert: string;
  /** Secret. */
  readonly key: string;
  /** Empty where no peer is asked for a certificate. */
  readonly ca: string;
}

/** Where the newest credentials are: they are renewed while a process runs. */
export interface TlsSource {
  readonly current: TlsCredentials;
  /** Calls back when {@link current} is another; returns how to stop. */
  onChange(listener: () => void): () => void;
}

const contexts = new WeakMap<TlsCredentials, SecureContext>();

/** The credentials as OpenSSL takes them, made once. Throws when certificate and key do not fit each other. */
export function secureContext(credentials: TlsCredentials): SecureContext {
  let context = contexts.get(credentials);
  if (context === undefined) {
    context = createSecureContext({ ...credentials, minVersion: "TLSv1.3" });
    contexts.set(credentials, context);
  }
  return context;
}
