import { SlipwayError } from "@slipway/base";
import { readPublicKey, readTrustPolicy, type Signer, signatureVerifier } from "@slipway/bundle";
import type { Command } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { json } from "../output/json.ts";
import { plainText } from "../output/plain-text.ts";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";
import { readKeyFile } from "./sign.ts";

interface VerifyFlags extends HomeFlags {
  readonly key?: string;
  readonly subject?: string;
  readonly issuer?: string;
  readonly trustedRoot?: string;
  readonly policy?: string;
  readonly signature?: string;
  readonly output: "text" | "json";
}

/** `slipway verify`. */
export function addVerify(program: Command, context: CliContext): void {
  const command = program
    .command("verify")
    .summary("verify a bundle and who signed it")
    .description(
      "Reads every byte of a bundle of this home, and demands a signature of it: by a key, by an identity that Sigstore vouches for, or by one of the signers " +
        "of a policy. Nothing is fetched: an identity's certificate and its records are verified against the trusted root you give. Ends with code 5 when it is not signed so.",
    )
    .argument("<bundle>", "digest or name of a bundle")
    .option("--key <file>", "public key: PEM, ECDSA on the curve P-256")
    .option(
      "--subject <text>",
      "identity in the certificate, whole: an e-mail address or a URI; with --issuer and --trusted-root",
    )
    .option("--issuer <url>", "who vouches for the identity")
    .option("--trusted-root <file>", "Sigstore's trusted root as JSON, as `cosign trusted-root create` writes it")
    .option("--policy <file>", "trust policy: any of its signers")
    .option("--signature <file>", "look at this Sigstore bundle, and not at what is kept beside the bundle")
    .action((bundle: string, flags: VerifyFlags) => verify(context, bundle, flags));
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway verify digits --key slipway.pub", "demand a signature by this key"],
    [
      "slipway verify digits --subject https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main --issuer https://token.actions.githubusercontent.com --trusted-root trusted_root.json",
      "demand one by a workflow",
    ],
  ]);
}

async function verify(context: CliContext, text: string, flags: VerifyFlags): Promise<void> {
  const signers = await readSigners(context, flags);
  const store = await openBundles(context, resolveHome(context, flags.home));
  const digest = await findStoredBundle(store, text);
  await store.open(digest, { verify: "size" });
  await store.verify(digest);
  const signatures =
    flags.signature === undefined
      ? (await store.referrers.list(digest, "signature")).map(({ content }) => content.toString("utf8"))
      : [await readKeyFile(context, flags.signature)];
  const check = await signatureVerifier();
  const by = signers.filter((signer) => signatures.some((signature) => check(signature, digest, signer) === undefined));
  if (by.length === 0) {
    const reasons = signatures.flatMap((signature) =>
      signers.map((signer) => `${signer.name}: ${check(signature, digest, signer)}`),
    );
    const what = signatures.length === 0 ? "has no signature" : `has ${signatures.length} signatures, and none that counts`;
    throw new SlipwayError("invalid", `${digest} ${what}.`, {
      problems: [...new Set(reasons)]
        .slice(0, 20)
        .map((message) => ({ path: "", message, reason: "FieldValueInvalid" as const })),
      hint: "`slipway sign` makes one; a pull brings those that were pushed.",
    });
  }
  const names = by.map(({ name }) => name);
  context.stdout.write(
    flags.output === "json"
      ? json({ bundle: digest, signedBy: names })
      : plainText(`${digest} is whole and signed by ${names.join(" and ")}\n`),
  );
}

async function readSigners(context: CliContext, flags: VerifyFlags): Promise<readonly Signer[]> {
  const { key, subject, issuer, trustedRoot, policy } = flags;
  const identity = [subject, issuer, trustedRoot].filter((flag) => flag !== undefined);
  if (Number(key !== undefined) + Number(identity.length > 0) + Number(policy !== undefined) !== 1)
    throw new SlipwayError(
      "usage",
      "Say whose signature counts: --key, or --subject with --issuer and --trusted-root, or --policy.",
    );
  if (policy !== undefined) return (await readTrustPolicy(await readKeyFile(context, policy))).signers;
  if (key !== undefined) {
    const publicKey = await readKeyFile(context, key);
    readPublicKey(publicKey, key);
    return [{ name: key, publicKey }];
  }
  if (identity.length < 3) throw new SlipwayError("usage", "--subject, --issuer and --trusted-root go together.");
  const signer = { name: subject, subject, issuer, trustedRoot: rootOf(await readKeyFile(context, trustedRoot!)) };
  return [signer as Signer];
}

function rootOf(text: string): object {
  try {
    const root: unknown = JSON.parse(text);
    if (typeof root === "object" && root !== null && "certificateAuthorities" in root) return root;
  } catch {
    // Said below.
  }
  throw new SlipwayError("invalid", "The file of --trusted-root is not a trusted root of Sigstore.", {
    hint: "`cosign trusted-root create` writes one; so does the file trusted_root.json of Sigstore's own repository of roots.",
  });
}
