import { isAbsolute, join, resolve } from "node:path";
import { SlipwayError } from "@slipway/base";
import type { CliContext } from "./context.ts";

/** The absolute path of the home: `--home`, else `SLIPWAY_HOME`, else `.slipway` in the user's home directory. */
export function resolveHome(context: CliContext, flag: string | undefined): string {
  if (flag === "") throw new SlipwayError("usage", "--home needs a directory, but the text given is empty.");
  const chosen = flag ?? (context.env.SLIPWAY_HOME || undefined);
  if (chosen !== undefined) return resolve(context.cwd, chosen);
  const user = context.env.HOME;
  if (user === undefined || user === "" || !isAbsolute(user)) {
    throw new SlipwayError(
      "usage",
      "There is no place to keep state: neither --home nor SLIPWAY_HOME is given, and HOME is not set.",
      {
        hint: "Name a directory: `slipway --home DIR …` or `export SLIPWAY_HOME=DIR`.",
      },
    );
  }
  return join(user, ".slipway");
}
