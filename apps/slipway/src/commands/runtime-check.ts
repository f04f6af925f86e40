import type { Check } from "./check.ts";

/** Whether ONNX Runtime, which runs the models, loads on this machine. */
export async function runtimeCheck(): Promise<Check> {
  const name = "ONNX Runtime";
  try {
    const { env } = await import("onnxruntime-node");
    return { name, state: "ok", detail: `${env.versions.node ?? "unknown version"} loads` };
  } catch (caught) {
    const why = caught instanceof Error ? (caught.message.split("\n")[0] ?? "") : String(caught);
    return {
      name,
      state: "fail",
      detail: `does not load: ${why}`,
      hint: "Run `npm ci`; on Linux, the C++ runtime library (libstdc++) of the system is needed, too.",
    };
  }
}
