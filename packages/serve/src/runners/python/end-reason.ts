import { SlipwayError } from "@slipway/base";

/** Why a model's process ended, for those whose requests it had. */
export function endReason(code: number | null, signal: string | null): SlipwayError {
  if (signal === "SIGKILL") {
    return new SlipwayError(
      "internal",
      "The model's process was killed (SIGKILL), as the system does to what needs more memory than there is.",
      {
        hint: "It is started again. If it happens again, raise spec.resources.memory, or make the model smaller.",
      },
    );
  }
  const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
  return new SlipwayError("internal", `The model's process ended unexpectedly, ${how}.`, {
    hint: "It is started again; the log has what it printed.",
  });
}
