import { type DigitsAnswer, reference, requestFor, wrongAnswer } from "./digits.ts";
import { eventually } from "./eventually.ts";
import { SteadyTraffic, type TrafficReport, type TrafficTarget } from "./traffic.ts";

const image = [5];
const versions = [reference("v1"), reference("v2")];

/** Sends steady traffic through a change of the digits model, and `settle` requests before and after it; an answer of either version is right. */
export async function digitsTraffic(
  { settle, ...target }: Pick<TrafficTarget, "url" | "headers" | "rate"> & { readonly settle: number },
  change: (traffic: SteadyTraffic) => Promise<void>,
): Promise<TrafficReport> {
  const traffic = new SteadyTraffic({
    ...target,
    body: requestFor(image),
    check: (answer) => {
      const wrong = versions.map((version) => wrongAnswer(answer as DigitsAnswer, image, version));
      return wrong.includes(undefined) ? undefined : wrong.join("; ");
    },
  });
  try {
    await sent(traffic, settle / 2, target.rate);
    await change(traffic);
    await sent(traffic, settle / 2, target.rate);
  } finally {
    await traffic.stop();
  }
  return traffic.stop();
}

/** Waits until this many more requests were sent. */
export function sent(traffic: SteadyTraffic, more: number, rate: number): Promise<true> {
  const target = traffic.count + more;
  return eventually(`${more} more requests were sent`, 30 + more / rate, async () => traffic.count >= target) as Promise<true>;
}

/** A report in a line, for a test's diagnostics. */
export function summary(report: TrafficReport): string {
  return `sent ${report.sent}, answered ${report.answered}, failed ${report.failures.length}; p50 ${report.p50} ms, p99 ${report.p99} ms, worst ${report.worst} ms; ${JSON.stringify(report.revisions)}`;
}
