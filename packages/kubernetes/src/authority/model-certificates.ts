import { type Actor, type Clock, type ErrorCode, type Instant, type Log, SlipwayError } from "@slipway/base";
import type { Model } from "@slipway/spec";
import { labels } from "../objects/labels.ts";
import { modelTlsSecret } from "../objects/names.ts";
import { ownedBy } from "../objects/owned-by.ts";
import type { RestClient } from "../rest/rest-client.ts";
import { modelCertificate } from "./certificate-names.ts";
import type { InstallationAuthority } from "./installation-authority.ts";
import { keepCertificate } from "./keep-certificate.ts";

/** How often certificates are looked over. They are replaced ten days before they end. */
const roundMs = 6 * 3_600_000;

/** Between two looks in a round: a thousand Secrets are read in half a minute, not at once. */
const pauseMs = 30;

/** The certificate of each Model's replicas, in a Secret beside them that goes with the Model. */
export class ModelCertificates implements Actor {
  readonly name = "model certificates";
  private readonly options: ModelCertificatesOptions;
  private readonly renewals = new Map<string, Instant>();
  /** Why no certificate can be seen to, by namespace: of one that is not open the log says so once, not for each Model. */
  private readonly failing = new Map<string, ErrorCode>();

  constructor(options: ModelCertificatesOptions) {
    this.options = options;
  }

  /** Sees to it that a Model that is about to run has its certificate. No call for one that is known to. */
  async ensure(model: Model, signal: AbortSignal): Promise<void> {
    const due = this.renewals.get(model.metadata.uid ?? "");
    if (due === undefined || due <= this.options.clock.now()) await this.look(model, signal);
  }

  /** Looks over the certificates of all Models that run, again and again: what ends is replaced, what somebody deleted is made anew. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, models } = this.options;
    while (!signal.aborted) {
      const running = [...models()];
      const known = new Set(running.map(({ metadata }) => metadata.uid));
      for (const uid of this.renewals.keys()) if (!known.has(uid)) this.renewals.delete(uid);
      for (const model of running) {
        if (signal.aborted) return;
        try {
          await this.look(model, signal);
        } catch (caught) {
          if (signal.aborted) return;
          this.tell(model, SlipwayError.from(caught));
        }
        await clock.sleep(pauseMs, signal).catch(() => {});
      }
      await clock.sleep(roundMs, signal).catch(() => {});
    }
  }

  private async look(model: Model, signal: AbortSignal): Promise<void> {
    const { authority, clock, rest } = this.options;
    const { name, namespace, uid } = model.metadata;
    const due = await keepCertificate(
      {
        rest,
        clock,
        authority,
        owner: modelCertificate(namespace!, name),
        metadata: {
          name: modelTlsSecret(name),
          namespace: namespace!,
          labels: { [labels.model]: name },
          ...ownedBy(model),
        },
      },
      signal,
    );
    this.renewals.set(uid ?? "", due);
    this.failing.delete(namespace!);
  }

  private tell({ metadata }: Model, { code, message }: SlipwayError): void {
    const namespace = metadata.namespace!;
    const level = this.failing.get(namespace) === code ? "debug" : "warn";
    this.failing.set(namespace, code);
    const model = { namespace, name: metadata.name };
    this.options.log[level]("the certificate of a model could not be seen to", { model, code, reason: message });
  }
}

/** What {@link ModelCertificates} needs. */
export interface ModelCertificatesOptions {
  readonly rest: RestClient;
  readonly clock: Clock;
  readonly log: Log;
  readonly authority: InstallationAuthority;
  /** Those that run, or are about to. */
  readonly models: () => Iterable<Model>;
}
