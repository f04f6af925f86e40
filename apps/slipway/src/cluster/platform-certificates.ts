import { type Actor, type Clock, type Log, SlipwayError } from "@slipway/base";
import { TlsIdentity } from "@slipway/http";
import {
  gatewayCertificate,
  type InstallationAuthority,
  type IssuedCertificate,
  keepCertificate,
  operatorCertificate,
  type RestClient,
  systemSecrets,
} from "@slipway/kubernetes";

/** How often they are looked at although nothing is due: somebody may have deleted the Secret. */
const lookMs = 3_600_000;

/** How soon a look that failed is tried again. */
const retryMs = 10_000;

/** What {@link PlatformCertificates} needs. */
export interface PlatformCertificatesOptions {
  readonly rest: RestClient;
  readonly authority: InstallationAuthority;
  readonly namespace: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** The certificates of the platform's own pods: the gateways' in their Secret, the leading operator's in memory. */
export class PlatformCertificates implements Actor {
  readonly name = "platform certificates";
  /** The operator's own. */
  readonly identity: TlsIdentity;
  private readonly options: PlatformCertificatesOptions;
  private renewAt: number;

  private constructor(options: PlatformCertificatesOptions, first: IssuedCertificate) {
    this.options = options;
    this.identity = new TlsIdentity(first);
    this.renewAt = first.renewAt;
  }

  static async issue(options: PlatformCertificatesOptions): Promise<PlatformCertificates> {
    return new PlatformCertificates(options, await options.authority.issue(operatorCertificate));
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.options;
    while (!signal.aborted) {
      let wait = lookMs;
      try {
        await this.look(signal);
      } catch (caught) {
        if (signal.aborted) return;
        const { code, message } = SlipwayError.from(caught);
        log.warn("the gateways' certificate could not be seen to; it is tried again", { code, reason: message });
        wait = retryMs;
      }
      await clock.sleep(wait, signal).catch(() => {});
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    const { authority, clock, namespace, rest } = this.options;
    if (clock.now() >= this.renewAt) {
      const next = await authority.issue(operatorCertificate);
      this.renewAt = next.renewAt;
      this.identity.replace(next);
    }
    const metadata = { name: systemSecrets.gatewayTls, namespace };
    await keepCertificate({ rest, clock, authority, owner: gatewayCertificate, metadata }, signal);
  }
}
