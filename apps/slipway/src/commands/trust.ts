import { rm } from "node:fs/promises";
import { SlipwayError } from "@slipway/base";
import { readTrustPolicy, type TrustPolicy } from "@slipway/bundle";
import { openHome, replaceFile } from "@slipway/local";
import { Argument, type Command } from "commander";
import { json } from "../output/json.ts";
import { plainText } from "../output/plain-text.ts";
import { table } from "../output/table.ts";
import { storedPolicy } from "../trust/stored-policy.ts";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { readKeyFile } from "./sign.ts";

interface TrustFlags extends HomeFlags {
  readonly output: "text" | "json";
}

/** `slipway trust`. */
export function addTrust(program: Command, context: CliContext): void {
  const command = program
    .command("trust")
    .summary("say whose bundles may run")
    .description(
      "Keeps the trust policy of this machine's platform: which namespaces run only bundles that certain signers signed. A Model whose bundle is not signed so " +
        "gets no revision, and no replica loads it; what runs already goes on. The policy counts within a second of `set` and `clear`.",
    )
    .addArgument(new Argument("<action>", "what to do").choices(["set", "show", "clear"]))
    .argument("[file]", "with set: the policy, YAML or JSON")
    .action((action: "set" | "show" | "clear", file: string | undefined, flags: TrustFlags) =>
      trust(context, action, file, flags),
    );
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway trust set policy.yaml", "put a policy in force"],
    ["slipway trust show", "see whose signatures count where"],
    ["slipway trust clear", "let every bundle run"],
  ]);
}

async function trust(
  context: CliContext,
  action: "set" | "show" | "clear",
  file: string | undefined,
  flags: TrustFlags,
): Promise<void> {
  if ((action === "set") !== (file !== undefined))
    throw new SlipwayError(
      "usage",
      action === "set" ? "Name the file of the policy." : `\`slipway trust ${action}\` takes no file.`,
    );
  const paths = await openHome(resolveHome(context, flags.home), { runtimeParent: context.env.XDG_RUNTIME_DIR ?? "" });
  if (action === "set") {
    const policy = await readTrustPolicy(await readKeyFile(context, file!));
    await replaceFile(paths.trust, json(policy));
  } else if (action === "clear") await rm(paths.trust, { force: true });
  const policy = await storedPolicy(paths.trust);
  context.stdout.write(flags.output === "json" ? json(policy ?? { signers: [], rules: [] }) : policyText(policy));
}

function policyText(policy: TrustPolicy | undefined): string {
  if (policy === undefined || policy.rules.length === 0) return "Every bundle may run.\n";
  const who = new Map(
    policy.signers.map((signer) => [signer.name, "publicKey" in signer ? "a key" : `${signer.subject} by ${signer.issuer}`]),
  );
  const rows = policy.rules.map(({ namespaces, signedBy }) => [
    namespaces.join(", "),
    signedBy.map((name) => `${name} (${who.get(name)})`).join(" or "),
  ]);
  return plainText(table(["NAMESPACES", "SIGNED BY"], rows));
}
