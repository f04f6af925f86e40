import { stat } from "node:fs/promises";
import { type Actor, type Clock, type Log, SlipwayError } from "@slipway/base";
import { parseDigest, type TrustJudge } from "@slipway/bundle";
import type { Place } from "@slipway/control";
import { bundleDigest, type Model } from "@slipway/spec";
import { storedJudge } from "./stored-policy.ts";

/** How often the policy's file is looked at, milliseconds. */
const followMs = 1_000;

/** What a trust policy says of a Model: the reason of its condition, and the sentence. */
export function trustRefusal(judge: TrustJudge, { metadata, spec }: Model): ReturnType<NonNullable<Place["refuses"]>> {
  const { bundle, signatures = [] } = spec.source;
  const message = judge({ namespace: metadata.namespace ?? "default", bundle: parseDigest(bundleDigest(bundle)), signatures });
  return message === undefined ? undefined : { reason: "NotTrusted", message };
}

/** The trust policy in a file, as it is now. While it cannot be read, no bundle may run. */
export class TrustFollower implements Actor {
  readonly name = "trust policy";
  private readonly path: string;
  private readonly clock: Clock;
  private readonly log: Log;
  private judge: TrustJudge = () => undefined;
  private seen = "";

  private constructor(path: string, { clock, log }: { readonly clock: Clock; readonly log: Log }) {
    this.path = path;
    this.clock = clock;
    this.log = log;
  }

  static async open(path: string, parts: { readonly clock: Clock; readonly log: Log }): Promise<TrustFollower> {
    const follower = new TrustFollower(path, parts);
    await follower.look();
    return follower;
  }

  /** For a {@link Place}. */
  readonly refuses = (model: Model) => trustRefusal(this.judge, model);

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.clock.sleep(followMs, signal).catch(() => {});
      if (!signal.aborted) await this.look();
    }
  }

  private async look(): Promise<void> {
    const seen = await stat(this.path).then(
      ({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`,
      () => "none",
    );
    if (seen === this.seen) return;
    try {
      this.judge = await storedJudge(this.path);
      if (this.seen !== "") this.log.info("the trust policy changed");
    } catch (caught) {
      const { message } = SlipwayError.from(caught);
      this.log.error("the trust policy cannot be used", { error: caught });
      this.judge = () => message;
    }
    this.seen = seen;
  }
}
