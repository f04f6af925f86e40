import { run } from "../harness/platform.ts";

/** Runs a program that must succeed and gives its standard output; otherwise throws what it was and what it said. */
export async function must(program: string, args: readonly string[], input?: string): Promise<string> {
  const result = await run(program, args, { input });
  if (result.code === 0) return result.stdout;
  throw new Error(`${program} ${args.join(" ")} exited ${result.code}: ${(result.stderr || result.stdout).trim().slice(-2000)}`);
}
