import { type Input, postOf } from "../load/bodies.ts";
import type { Server } from "./server.ts";

/** What a server answers to a tensor as JSON, whatever its form: all numbers of its first output. */
export async function answerNumbers({ origin, path, form }: Server, input: Input): Promise<readonly number[]> {
  const { body, headers } = postOf(input, form, "json");
  const response = await fetch(`${origin}${path}`, { method: "POST", body: Uint8Array.from(body), headers });
  return numbersIn(await response.json());
}

/** The numbers of `{"outputs": [{"data": …}]}`, `{"output": …}` or bare rows. */
export function numbersIn(answer: unknown): readonly number[] {
  const { outputs, output } = answer as { outputs?: readonly { data: unknown }[]; output?: unknown };
  const data = outputs?.[0]?.data ?? output ?? answer;
  return (Array.isArray(data) ? data.flat(Number.POSITIVE_INFINITY) : [data]) as number[];
}

/** Whether two answers are the same but for the last digits: the rivals run another build of ONNX Runtime. */
export function sameNumbers(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => Math.abs(value - other[index]!) <= 1e-3);
}
