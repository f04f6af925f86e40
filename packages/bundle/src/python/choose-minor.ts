import { SlipwayError } from "@slipway/base";
import { minorOf, usualPython } from "./find-python.ts";
import { allowsMinor, leastMinor } from "./python-requirement.ts";

/**
 * The minor version of Python that a model is locked for: that of `python3` here (what worked in a notebook works in the bundle), unless the model says
 * that it needs another one; then the one it names. Throws `invalid` when nothing decides.
 */
export async function chooseMinor(required: string | undefined): Promise<string> {
  const usual = await usualPython();
  const minor = usual === undefined ? undefined : minorOf(usual.version);
  if (minor !== undefined && (required === undefined || allowsMinor(required, minor))) return minor;
  const named = required === undefined ? undefined : leastMinor(required);
  if (named !== undefined) return named;
  const needed = required === undefined ? "" : ` that is ${JSON.stringify(required)}`;
  throw new SlipwayError(
    "invalid",
    `There is no Python${needed} on this machine, and the model does not say which version it needs.`,
    {
      hint: 'Say it in pyproject.toml as requires-python = "==3.12.*", or in a file .python-version.',
    },
  );
}
