import type { Clock } from "@slipway/base";
import type { Model } from "@slipway/spec";
import { goldenRequest, wrongGolden } from "./golden.ts";
import { GoldenTraffic } from "./golden-traffic.ts";
import type { HttpAnswer, ParityPlace, ParitySource } from "./parity-place.ts";
import type {
  ApiExpectation,
  CommandStep,
  Fields,
  GatewayStep,
  ModelExpectation,
  ParityStep,
  RememberStep,
  TrafficStep,
} from "./parity-scenario.ts";
import { instancesOf, lacking, type SeenModel, unlikeExpected } from "./seen-model.ts";

const pollMs = 100;
/** How long a Model may take to become as expected, when the step does not say. */
const patienceSeconds = 90;
/** Requests before and after what happens under traffic. */
const settleRequests = 20;

/** One run of a scenario in a place: does its steps and throws a sentence at the first thing that is not as expected. */
export class ScenarioRun {
  private readonly place: ParityPlace;
  private readonly name: string;
  private readonly clock: Clock;
  private readonly remembered = new Map<string, string>();

  constructor(place: ParityPlace, name: string, clock: Clock) {
    this.place = place;
    this.name = name;
    this.clock = clock;
  }

  /** Does steps one after the other. */
  async perform(steps: readonly ParityStep[]): Promise<void> {
    for (const [index, step] of steps.entries()) {
      try {
        await this.performOne(step);
      } catch (caught) {
        const message = caught instanceof Error ? caught.message : String(caught);
        throw new Error(`step ${index + 1} (${step.do}): ${message}`, { cause: caught });
      }
    }
  }

  /** Deletes the Model, if it is there, and waits until nothing of it is left. */
  async cleanUp(): Promise<void> {
    const path = `${this.models()}/${this.name}`;
    await this.place.api({
      method: "PATCH",
      path,
      contentType: "application/merge-patch+json",
      body: { metadata: { finalizers: null } },
    });
    await this.place.api({ method: "DELETE", path });
    await this.observe({ gone: true });
  }

  private async performOne(step: ParityStep): Promise<void> {
    switch (step.do) {
      case "apply": {
        const query = new URLSearchParams({ fieldManager: step.manager ?? "parity", fieldValidation: "Strict" });
        if (step.force) query.set("force", "true");
        const path = `${this.models()}/${this.name}?${query}`;
        const body = await this.manifest(step.source, step.spec, step.metadata);
        const answer = await this.place.api({ method: "PATCH", path, contentType: "application/apply-patch+yaml", body });
        return this.checkApi(answer, step.answers ?? {});
      }
      case "api": {
        const { do: _do, answers, source, ...request } = this.filled(step);
        const spec = source && { spec: { source: await this.place.source(source) } };
        const body = spec === undefined ? {} : { body: { ...(request.body as object), ...spec } };
        return this.checkApi(await this.place.api({ ...request, ...body }), answers ?? {});
      }
      case "infer":
        return this.infer(step);
      case "slipway":
      case "kubectl":
        return this.command(step);
      case "observe":
        return this.observe(step.model, step.seconds);
      case "remember":
        return this.remember(step);
      case "crash":
        await this.place.crashOneReplica(this.name);
        return;
      case "drain":
        await this.place.drainOneReplica(this.name);
        return;
      case "restartControl":
        return this.place.restartControl();
      case "underTraffic":
        return this.underTraffic(step);
    }
  }

  private async infer({ answers, method = "POST", path = "{v2}/infer", body }: GatewayStep): Promise<void> {
    const sent = method === "GET" ? {} : { body: body ?? JSON.stringify(goldenRequest) };
    const answer = await this.place.gateway({ method, path: this.fill(path), ...sent });
    const said = JSON.stringify(answer.body).slice(0, 300);
    if (answer.status !== answers.status) throw new Error(`expected status ${answers.status}, found ${answer.status}: ${said}`);
    const wrong = answers.golden && wrongGolden(answer.body, answers.golden);
    if (wrong !== undefined) throw new Error(wrong);
    const { model_version: revision, error } = answer.body as { model_version?: string; error?: string };
    if (answers.revision !== undefined && revision !== this.recall(answers.revision))
      throw new Error(`${revision} answered, not ${this.recall(answers.revision)}`);
    if (answers.error !== undefined && !new RegExp(this.fill(answers.error)).test(error ?? ""))
      throw new Error(`expected an error like ${answers.error}, found ${said}`);
    if (answers.body === undefined) return;
    const expected = this.filled(answers.body);
    const problem = lacking(answer.body, expected) ?? lacking(expected, answer.body);
    if (problem !== undefined) throw new Error(`another body: ${problem}; ${said}`);
  }

  private async command(step: CommandStep): Promise<void> {
    const input = step.input && JSON.stringify(await this.manifest(step.input.source, step.input.spec));
    const args = step.args.map((arg) => this.fill(arg));
    const { code, stdout, stderr } = await this.place[step.do](args, input);
    const said = `${stdout}${stderr}`;
    const asExpected = step.exit === "failed" ? code !== 0 : code === (step.exit ?? 0);
    if (!asExpected)
      throw new Error(`${step.do} ${args.join(" ")} exited ${code}, expected ${step.exit ?? 0}: ${said.slice(0, 500)}`);
    for (const pattern of step.prints ?? [])
      if (!new RegExp(this.fill(pattern), "m").test(said)) throw new Error(`nothing like ${pattern} in: ${said.slice(0, 1_000)}`);
  }

  private checkApi({ status, body }: HttpAnswer, expected: ApiExpectation): void {
    const said = JSON.stringify(body);
    const wanted = expected.status ?? "done";
    const asWanted =
      wanted === "done"
        ? status >= 200 && status < 300
        : wanted === "refused"
          ? status >= 400 && status <= 422 && ![401, 403, 404, 409].includes(status)
          : status === wanted;
    if (!asWanted) throw new Error(`expected status ${wanted}, found ${status}: ${said.slice(0, 500)}`);
    const { reason } = body as { reason?: string };
    if (expected.reason !== undefined && reason !== expected.reason)
      throw new Error(`expected the reason ${expected.reason}, found ${reason}`);
    for (const pattern of expected.says ?? [])
      if (!new RegExp(this.fill(pattern)).test(said)) throw new Error(`nothing like ${pattern} in: ${said.slice(0, 500)}`);
    const problem = expected.has && lacking(body, this.filled(expected.has));
    if (problem !== undefined) throw new Error(problem);
  }

  private async observe(expected: ModelExpectation, seconds = patienceSeconds): Promise<void> {
    const deadline = this.clock.monotonic() + seconds * 1_000;
    for (;;) {
      const problem = unlikeExpected(await this.see(expected.events !== undefined), this.filled(expected), (name) =>
        this.recall(name),
      );
      if (problem === undefined) return;
      if (this.clock.monotonic() > deadline) throw new Error(`not within ${seconds} s: ${problem}`);
      await this.clock.sleep(pollMs);
    }
  }

  private async see(withEvents: boolean): Promise<SeenModel> {
    const { place } = this;
    const { status, body } = await place.api({ method: "GET", path: `${this.models()}/${this.name}` });
    const selector = encodeURIComponent(`slipway.dev/model=${this.name}`);
    const group = this.models().replace(/models$/, "revisions");
    const revisions = await place.api({ method: "GET", path: `${group}?labelSelector=${selector}` });
    const about = encodeURIComponent(`involvedObject.name=${this.name}`);
    const path = `/api/v1/namespaces/${place.namespace}/events?fieldSelector=${about}`;
    const events = withEvents ? await place.api({ method: "GET", path }) : undefined;
    return {
      model: status === 200 ? (body as Model) : undefined,
      revisions: items<{ metadata: { name: string } }>(revisions).map(({ metadata }) => metadata.name),
      events: events === undefined ? [] : items<{ reason: string }>(events).map(({ reason }) => reason),
    };
  }

  private async remember({ as, what }: RememberStep): Promise<void> {
    const { model } = await this.see(false);
    if (model === undefined) throw new Error("the Model is not there");
    const value = {
      revision: () => model.status?.latestRevision,
      instances: () => instancesOf(model),
      uid: () => model.metadata.uid,
      resourceVersion: () => model.metadata.resourceVersion,
    }[what]();
    if (value === undefined) throw new Error(`the Model has no ${what}`);
    this.remembered.set(as, value);
  }

  private async underTraffic({ steps, versions }: TrafficStep): Promise<void> {
    const traffic = new GoldenTraffic(this.place, this.fill("{v2}/infer"), versions, this.clock);
    try {
      await this.sent(traffic);
      await this.perform(steps);
      await this.sent(traffic);
    } finally {
      await traffic.stop();
    }
    const { sent, failures, seen } = await traffic.stop();
    if (failures.length > 0) throw new Error(`${failures.length} of ${sent} requests failed, the first: ${failures[0]}`);
    const missing = versions.filter((version) => !seen.has(version));
    if (missing.length > 0) throw new Error(`no answer of ${missing.join(", ")} among ${sent}`);
  }

  private async sent(traffic: GoldenTraffic): Promise<void> {
    const target = traffic.count + settleRequests;
    while (traffic.count < target) await this.clock.sleep(pollMs);
  }

  private async manifest(source: ParitySource, spec: Fields = {}, metadata: Fields = {}): Promise<object> {
    return {
      apiVersion: "slipway.dev/v1alpha1",
      kind: "Model",
      metadata: { name: this.name, namespace: this.place.namespace, ...this.filled(metadata) },
      spec: { source: await this.place.source(source), ...this.filled(spec) },
    };
  }

  private models(): string {
    return `/apis/slipway.dev/v1alpha1/namespaces/${this.place.namespace}/models`;
  }

  private recall(name: string): string {
    const value = this.remembered.get(name);
    if (value === undefined) throw new Error(`the scenario remembered nothing as ${name}`);
    return value;
  }

  private fill(text: string): string {
    const { namespace } = this.place;
    const known: Record<string, string> = {
      model: this.name,
      namespace,
      models: this.models(),
      v2: `${namespace === "default" ? "" : `/namespaces/${namespace}`}/v2/models/${this.name}`,
      ...Object.fromEntries(this.remembered),
    };
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => known[name] ?? whole);
  }

  /** The same value with every text filled in. */
  private filled<T>(value: T): T {
    if (typeof value === "string") return this.fill(value) as T;
    if (Array.isArray(value)) return value.map((item) => this.filled(item)) as T;
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [this.fill(key), this.filled(inner)])) as T;
  }
}

function items<T>({ status, body }: HttpAnswer): T[] {
  if (status !== 200) throw new Error(`a list was answered with ${status}: ${JSON.stringify(body).slice(0, 300)}`);
  return (body as { items: T[] }).items;
}
