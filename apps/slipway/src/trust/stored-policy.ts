import { readFile } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import { type JudgedBundle, readTrustPolicy, type TrustJudge, type TrustPolicy, trustJudge } from "@slipway/bundle";

/** The policy in a file; undefined when there is no such file. A policy that cannot be read is never as good as none: it throws. */
export async function storedPolicy(path: string): Promise<TrustPolicy | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (caught) {
    if ((caught as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SlipwayError("invalid", "The trust policy cannot be read, so nothing may run.", {
      hint: "`slipway trust set FILE` writes it anew, `slipway trust clear` takes it away.",
      cause: caught,
    });
  }
  return readTrustPolicy(text);
}

/** What judges by the policy in a file; without one everything may run. */
export async function storedJudge(path: string): Promise<TrustJudge> {
  const policy = await storedPolicy(path);
  return policy === undefined ? () => undefined : trustJudge(policy);
}

/** Throws `invalid`, as a model that can never start, when the policy does not let a bundle run. */
export function demandTrusted(judge: TrustJudge, judged: JudgedBundle): void {
  const refusal = judge(judged);
  if (refusal === undefined) return;
  throw new SlipwayError("invalid", refusal, {
    hint: "Sign it with `slipway sign BUNDLE --key FILE`, and apply the Model again.",
  });
}
