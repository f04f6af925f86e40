import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import { keyHintOf, readSigningKey, signatureVerifier, signBundle } from "@slipway/bundle";
import type { Command } from "commander";
import { findStoredBundle } from "../image/find-stored-bundle.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { examples, type HomeFlags, homeFlag, outputFlag } from "./flags.ts";
import { resolveHome } from "./home.ts";
import { openBundles } from "./open-bundles.ts";

interface SignFlags extends HomeFlags {
  readonly key: string;
  readonly output: "text" | "json";
}

/** `slipway sign`. */
export function addSign(program: Command, context: CliContext): void {
  const command = program
    .command("sign")
    .summary("sign a bundle with a key")
    .description(
      "Signs the digest of a bundle of this home and keeps the signature, a Sigstore bundle, beside it: it changes no digest, and goes along with push, pull " +
        "and apply. Signing again with the same key does nothing. The passphrase of an encrypted key is read from SLIPWAY_KEY_PASSPHRASE.",
    )
    .argument("<bundle>", "digest or name of a bundle")
    .requiredOption("--key <file>", "private key: PEM, ECDSA on the curve P-256")
    .action((bundle: string, flags: SignFlags) => sign(context, bundle, flags));
  outputFlag(homeFlag(command), ["text", "json"]);
  examples(command, [
    ["slipway sign digits --key slipway.key", "sign the newest bundle named digits"],
    ["openssl ecparam -genkey -name prime256v1 -noout -out slipway.key", "make a key"],
    ["openssl ec -in slipway.key -pubout -out slipway.pub", "take its public half, for those who verify"],
  ]);
}

async function sign(context: CliContext, text: string, flags: SignFlags): Promise<void> {
  const key = readSigningKey(await readKeyFile(context, flags.key), context.env.SLIPWAY_KEY_PASSPHRASE || undefined);
  const store = await openBundles(context, resolveHome(context, flags.home));
  const { digest } = await store.open(await findStoredBundle(store, text));
  const { createPublicKey } = await import("node:crypto");
  const publicHalf = createPublicKey(key);
  const signer = { name: "this key", publicKey: publicHalf.export({ type: "spki", format: "pem" }) as string };
  const verify = await signatureVerifier();
  const known = await store.referrers.list(digest, "signature");
  // A signature is different each time it is made, and each would be one more to carry along.
  const before = known.find(({ content }) => verify(content, digest, signer) === undefined);
  const made = before ?? (await store.referrers.attach(digest, "signature", await signBundle(digest, key)));
  const facts = { bundle: digest, signature: made.digest, key: keyHintOf(publicHalf), isNew: before === undefined };
  context.stdout.write(
    flags.output === "json" ? json(facts) : `${digest} ${before === undefined ? "signed" : "was signed by this key before"}\n`,
  );
}

/** A key's file as text; throws `notFound`, or `forbidden`, with the path the user gave. */
export async function readKeyFile(context: CliContext, path: string): Promise<string> {
  try {
    return await readFile(resolve(context.cwd, path), "utf8");
  } catch (cause) {
    const absent = (cause as NodeJS.ErrnoException).code === "ENOENT";
    throw new SlipwayError(absent ? "notFound" : "forbidden", `The file ${path} ${absent ? "is not there" : "cannot be read"}.`, {
      cause,
    });
  }
}
