import type { Key } from "@slipway/spec";
import { withoutManagedFields } from "../output/desired-state.ts";
import { json } from "../output/json.ts";
import type { CliContext } from "./context.ts";
import { objectName } from "./kind-argument.ts";
import type { Session } from "./session.ts";

/** Says what a command did to a Model: a sentence, its name, or, as JSON, the Model as it is now. */
export async function printChange(
  context: CliContext,
  session: Session,
  key: Key,
  change: { readonly output: "text" | "json" | "name"; readonly text: string },
): Promise<void> {
  const object = objectName("Model", key.name);
  if (change.output === "text") context.stdout.write(`${object} ${change.text}\n`);
  else if (change.output === "name") context.stdout.write(`${object}\n`);
  else context.stdout.write(json(withoutManagedFields(await session.client.get("Model", key, { signal: context.signal }))));
}
