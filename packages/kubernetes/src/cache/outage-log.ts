import type { Log, SlipwayError } from "@slipway/base";

/** Says once that an API server cannot be reached, however many watches and calls find out, and once that it can be again. */
export class OutageLog {
  private readonly log: Log;
  private readonly failing = new Set<string>();

  constructor(log: Log) {
    this.log = log;
  }

  /** Whether everything that was tried last was answered. */
  get quiet(): boolean {
    return this.failing.size === 0;
  }

  failed(what: string, error: SlipwayError): void {
    const first = this.failing.size === 0;
    this.failing.add(what);
    const level = first ? "warn" : "debug";
    this.log[level]("the API server does not answer as it should; it is tried again", {
      what,
      code: error.code,
      reason: error.message,
    });
  }

  /** The server no longer knows where a watch was: all is listed anew. No outage. */
  expired(what: string): void {
    this.log.info("the history of a watch is gone; everything is listed anew", { what });
  }

  answered(what: string): void {
    if (this.failing.delete(what) && this.failing.size === 0) this.log.info("the API server answers again");
  }
}
