import type { TlsCredentials, TlsSource } from "./tls-source.ts";

/** Credentials in memory that their owner replaces. */
export class TlsIdentity implements TlsSource {
  private credentials: TlsCredentials;
  private readonly listeners = new Set<() => void>();

  constructor(first: TlsCredentials) {
    this.credentials = first;
  }

  get current(): TlsCredentials {
    return this.credentials;
  }

  /** Makes these the credentials of every connection from now on; those that are open stay. */
  replace(next: TlsCredentials): void {
    this.credentials = next;
    for (const listener of [...this.listeners]) listener();
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}
