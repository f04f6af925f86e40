import { expect, NotApplicable } from "./case.ts";
import { exact, held, type Row } from "./datatypes.ts";
import type { GrpcClient } from "./grpc-client.ts";
import { type Answer, HttpClient, jsonOf } from "./http-client.ts";
import { type Asked, type Filler, requestText } from "./request.ts";

/** A tensor of an answer. */
export interface AnsweredTensor {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data?: readonly unknown[];
  readonly parameters?: Readonly<Record<string, unknown>>;
}

/** An inference answer's JSON. */
export interface InferAnswer {
  readonly model_name?: unknown;
  readonly model_version?: unknown;
  readonly id?: unknown;
  readonly outputs: readonly AnsweredTensor[];
}

/** The server under test, the model to ask, and what it says of itself. */
export class Target {
  readonly http: HttpClient;
  readonly grpc: GrpcClient | undefined;
  readonly model: string;
  /** Extensions that the server's metadata announces. */
  extensions: readonly string[] = [];
  /** Versions that the model's metadata names. */
  versions: readonly string[] = [];
  /** What requests hold besides the tensor they are about: some servers read no FP16 from JSON, some models need no other inputs. */
  private filler: Filler = "all";

  constructor(options: { url: URL; grpc?: GrpcClient; model: string }) {
    this.http = new HttpClient(options.url);
    this.grpc = options.grpc;
    this.model = options.model;
  }

  /** Where the model is, below the server's address. */
  get path(): string {
    return `/v2/models/${encodeURIComponent(this.model)}`;
  }

  /** Reads what the server says of itself and finds how to ask it; false when the model answers no such request. What fails here fails again as a case. */
  async prepare(): Promise<boolean> {
    this.extensions = strings((await this.jsonAt("/v2")).extensions);
    this.versions = strings((await this.jsonAt(this.path)).versions);
    for (const filler of ["all", "no-fp16", "no-fp16-values", "none"] as const) {
      this.filler = filler;
      const answer = await this.infer(this.request({ outputs: ["fp32_out"] })).catch(() => undefined);
      if (answer?.status === 200) return true;
    }
    this.filler = "all";
    return false;
  }

  /** The paths of the versions that the model's metadata names; leaves the case when it names none. */
  get versionPaths(): readonly string[] {
    if (this.versions.length === 0) throw new NotApplicable("the model's metadata names no versions");
    return this.versions.map((version) => `${this.path}/versions/${encodeURIComponent(version)}`);
  }

  /** Leaves the case when the server does not announce an extension; several names are spellings of one. */
  needs(...extensions: readonly string[]): void {
    if (extensions.some((name) => this.extensions.includes(name))) return;
    throw new NotApplicable(`the server's metadata does not announce ${extensions[0]}`);
  }

  /** The JSON of a request to the model; see {@link Asked}. */
  request(asked: Asked = {}): string {
    return requestText(asked, this.filler);
  }

  /** POSTs a body to the model. */
  infer(body: string | Buffer, headers: Readonly<Record<string, string>> = {}, path = `${this.path}/infer`): Promise<Answer> {
    return this.http.send("POST", path, { body, headers: { "content-type": "application/json", ...headers } });
  }

  /** POSTs a body that must be answered, and gives the answer's JSON. */
  async inferred(body: string | Buffer, headers: Readonly<Record<string, string>> = {}, path?: string): Promise<InferAnswer> {
    return inferAnswer(await this.infer(body, headers, path));
  }

  /** Sends values through the model's tensor of this datatype and expects them back, however they are nested. */
  async echoes(row: Row, shape: readonly number[], data: string, values: readonly string[]): Promise<void> {
    const answer = await this.inferred(
      this.request({ tensors: { [row.input]: { shape: JSON.stringify(shape), data } }, outputs: [`${row.input}_out`] }),
    );
    expectValues(row, answer, shape, values);
  }

  /** Metadata as an object; empty when there is none. */
  private async jsonAt(path: string): Promise<Readonly<Record<string, unknown>>> {
    try {
      const value = jsonOf(await this.http.send("GET", path));
      return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
    } catch {
      return {};
    }
  }

  close(): void {
    this.http.close();
    this.grpc?.close();
  }
}

/** The JSON of a successful inference. */
export function inferAnswer(answer: Answer): InferAnswer {
  expect(answer.status === 200, "status 200", `${answer.status} ${answer.text}`);
  const json = jsonOf(answer) as InferAnswer;
  expect(Array.isArray(json?.outputs), 'an object with an array of "outputs"', answer.text);
  return json;
}

/** The output of this name. */
export function outputOf(answer: InferAnswer, name: string): AnsweredTensor {
  const output = answer.outputs.find((tensor) => tensor.name === name);
  expect(
    output !== undefined,
    `an output ${name}`,
    answer.outputs.map((tensor) => tensor.name),
  );
  return output;
}

/** The tensor's output must hold these values, exactly as the datatype holds them. */
export function expectValues(row: Row, answer: InferAnswer, shape: readonly number[], values: readonly string[]): void {
  const output = outputOf(answer, `${row.input}_out`);
  expect(output.datatype === row.datatype, `datatype ${row.datatype}`, output.datatype);
  expect(JSON.stringify(output.shape) === JSON.stringify(shape), `shape ${JSON.stringify(shape)}`, output.shape);
  const got = (output.data ?? []).flat(Number.POSITIVE_INFINITY).map((value) => held(row, value));
  const wanted = values.map((text) => held(row, exact(text)));
  expect(JSON.stringify(got) === JSON.stringify(wanted), `data ${wanted.join(", ")}`, got.join(", "));
}

/** An error as the protocol has it: a status of the client's errors, and `{"error": TEXT}`. */
export function expectRefused(answer: Answer, ...statuses: readonly number[]): void {
  const wanted = statuses.length > 0 ? `status ${statuses.join(" or ")}` : "a 4xx status";
  const fits = statuses.length > 0 ? statuses.includes(answer.status) : answer.status >= 400 && answer.status < 500;
  expect(fits, wanted, `${answer.status} ${answer.text}`);
  expectErrorObject(answer);
}

/** An error for a version: a server without versions may say that it implements none. */
export function expectNoVersion(answer: Answer): void {
  expect(answer.status >= 400, "an error status", `${answer.status} ${answer.text}`);
  expectErrorObject(answer);
}

/** The body of an error answer: `{"error": TEXT}`, the text not empty. */
export function expectErrorObject(answer: Answer): void {
  const error = (jsonOf(answer) as { error?: unknown } | null)?.error;
  expect(typeof error === "string" && error !== "", '{"error": a sentence}', answer.text);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
