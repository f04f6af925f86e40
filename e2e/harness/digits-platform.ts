import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "@slipway/base";
import { type DigitsAnswer, manifest, reference, requestFor, wrongAnswer } from "./digits.ts";
import { root, TestPlatform } from "./platform.ts";

/** A platform that serves version 1 of the digits model, and what every fault must leave as it was. */
export class DigitsPlatform {
  readonly platform: TestPlatform;
  private readonly secrets: readonly string[];

  private constructor(platform: TestPlatform, secrets: readonly string[]) {
    this.platform = platform;
    this.secrets = secrets;
  }

  static async up(edit?: (text: string) => string): Promise<DigitsPlatform> {
    const platform = await TestPlatform.up();
    const result = await platform.slipway(["apply", "-f", "-", "--wait"], manifest("v1", edit));
    assert.equal(result.code, 0, result.stderr);
    const token = (await readFile(join(platform.home, "token"), "utf8")).trim();
    return new DigitsPlatform(platform, [token]);
  }

  get port(): number {
    return Number(new URL(this.platform.gateway).port);
  }

  /** Sends a body to the model; `path` is what follows the gateway's address. */
  infer(body: RequestInit["body"], headers: Record<string, string> = {}, path = "/v2/models/digits/infer"): Promise<Response> {
    return fetch(`${this.platform.gateway}${path}`, {
      method: "POST",
      body: body ?? null,
      headers: { "content-type": "application/json", ...headers },
    });
  }

  /** The next good request is answered rightly within a second. */
  async nextGoodRequest(): Promise<void> {
    const started = systemClock.monotonic();
    const response = await this.infer(requestFor([1]));
    const answer = (await response.json()) as DigitsAnswer;
    const took = systemClock.monotonic() - started;
    assert.equal(response.status, 200, JSON.stringify(answer));
    assert.equal(wrongAnswer(answer, [1], reference("v1")), undefined);
    assert.ok(took <= 1_000, `the next good request took ${Math.round(took)} ms`);
  }

  /** An error answer: the status, a sentence under `error`, and nothing in it that is not the caller's business. */
  async assertRefused(response: Response, status: number, message = /./): Promise<void> {
    const text = await response.text();
    assert.equal(response.status, status, text);
    this.assertError(text, message);
  }

  /** The body of an error answer. */
  assertError(body: string, message = /./): void {
    const { error } = JSON.parse(body) as { error: unknown };
    assert.equal(typeof error, "string", body);
    assert.match(error as string, message);
    this.assertDiscreet(body);
  }

  /** No path of this machine, no secret, no stack. */
  assertDiscreet(text: string): void {
    for (const path of [this.platform.home, root, "/tmp/", "node_modules", "node:internal"]) {
      assert.ok(!text.includes(path), `a path in an answer: ${text}`);
    }
    for (const secret of this.secrets) assert.ok(!text.includes(secret), "the token in an answer");
    assert.doesNotMatch(text, /\bat .*:\d+:\d+|\\n +at /, "a stack in an answer");
  }

  /** Resident memory of one of the platform's processes in MiB. */
  async memory(role: "gateway" | "control" | "replica" | "supervisor"): Promise<number> {
    const process = (await this.platform.processes()).find(({ command }) => new RegExp(` ${role}( |$)`).test(command));
    assert.ok(process !== undefined, `there is a ${role}`);
    const status = await readFile(`/proc/${process.pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
  }
}
