// `npm run demo`: the main job on real input, through the same command line that a user has.
import { type DigitsAnswer, heldOut, manifest, reference, requestFor, wrongAnswer } from "../harness/digits.ts";
import { eventually } from "../harness/eventually.ts";
import { root, TestPlatform } from "../harness/platform.ts";
import { picture } from "./picture.ts";

const keep = process.argv.includes("--keep");
const shown = [0, 3, 7, 12, 21];
const all = heldOut.images.map((_, index) => index);
const started = performance.now();
const platform = await TestPlatform.create();
let failed = false;

try {
  await deploy();
  await answerDigits();
  await scale();
  await changeVersion();
  await rollBack();
  await tellTheStory();
} catch (caught) {
  failed = true;
  console.error(`\nThe demo failed: ${caught instanceof Error ? caught.message : caught}`);
  console.error(await platform.log("control"));
} finally {
  await finish();
}
process.exitCode = failed ? 1 : 0;

async function deploy(): Promise<void> {
  step("Build the model directory into a bundle");
  const built = await platform.json<{ digest: string }>("build", "examples/digits/v1");
  say(`examples/digits/v1 is ${built.digest}`);
  step("Start the platform on this machine");
  await platform.start();
  say(`inference ${platform.gateway}, control API ${platform.api}`);
  step("Apply the manifest and wait until the model answers");
  await apply("v1");
}

async function answerDigits(): Promise<void> {
  step("Handwritten digits it has never seen");
  const answer = await infer(shown);
  const probabilities = answer.outputs.find((output) => output.name === "probabilities")!.data;
  const labels = answer.outputs.find((output) => output.name === "label")!.data;
  for (const line of picture(shown.map((index) => heldOut.images[index]!))) say(line);
  const captions = shown.map((_, row) => {
    const best = Math.max(...probabilities.slice(row * 10, row * 10 + 10));
    return `${labels[row]} (${(best * 100).toFixed(1)} %)`.padEnd(16);
  });
  say(captions.join("    "));
  await checkAll("v1");
}

async function scale(): Promise<void> {
  step("Scale to three replicas");
  await platform.ok("scale", "digits", "--replicas", "3");
  await replicas(3);
  const { stdout } = await platform.ok("get", "replicas");
  for (const line of stdout.trimEnd().split("\n")) say(line);
  await checkAll("v1");
}

async function changeVersion(): Promise<void> {
  step("Roll to version 2");
  await apply("v2");
  await checkAll("v2");
}

async function rollBack(): Promise<void> {
  step("Roll back");
  await platform.ok("rollback", "digits");
  await eventually(
    "version 1 answers again",
    30,
    async () => wrongAnswer(await infer(shown), shown, reference("v1")) === undefined,
  );
  await checkAll("v1");
}

async function tellTheStory(): Promise<void> {
  step("What happened, and why");
  const { stdout } = await platform.ok("events", "digits");
  for (const line of stdout.trimEnd().split("\n")) say(line);
}

async function finish(): Promise<void> {
  if (keep && !failed) {
    step("It stays up (--keep)");
    say(`SLIPWAY_HOME=${platform.home}`);
    say(`curl ${platform.gateway}/v2/models/digits`);
    say(`kubectl --kubeconfig ${platform.kubeconfig} get models`);
    say(`SLIPWAY_HOME=${platform.home} bin/slipway down   # ends it`);
    return;
  }
  await platform.destroy();
  const left = await platform.processes();
  if (left.length > 0) {
    failed = true;
    console.error(`Processes were left behind: ${left.map((process) => `${process.pid} ${process.command}`).join("; ")}`);
  }
  if (!failed)
    console.log(
      `\nEvery answer was right, nothing is left behind. ${((performance.now() - started) / 1000).toFixed(0)} seconds.`,
    );
}

async function apply(version: "v1" | "v2"): Promise<void> {
  const result = await platform.slipway(["apply", "-f", "-", "--wait", "--timeout", "60s"], manifest(version));
  if (result.code !== 0) throw new Error(`slipway apply exited ${result.code}: ${result.stderr}`);
  for (const line of `${result.stdout}${result.stderr}`.trimEnd().split("\n")) say(line);
}

async function replicas(count: number): Promise<void> {
  await eventually(`${count} replicas are ready`, 30, async () => {
    const model = await platform.json<{ status?: { readyReplicas?: number } }>("get", "model", "digits");
    return model.status?.readyReplicas === count;
  });
}

async function infer(indices: readonly number[]): Promise<DigitsAnswer> {
  const response = await fetch(`${platform.gateway}/v2/models/digits/infer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: requestFor(indices),
  });
  if (!response.ok) throw new Error(`the model answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as DigitsAnswer;
}

/** Sends every held-out image on its own and compares with the recorded reference. */
async function checkAll(version: "v1" | "v2"): Promise<void> {
  const expected = reference(version);
  let correct = 0;
  let revision = "";
  for (const index of all) {
    const answer = await infer([index]);
    const wrong = wrongAnswer(answer, [index], expected);
    if (wrong !== undefined) throw new Error(`${answer.model_version} answered wrongly: ${wrong}`);
    if (answer.outputs.find((output) => output.name === "label")!.data[0] === heldOut.labels[index]) correct++;
    revision = answer.model_version;
  }
  const accuracy = ((correct / all.length) * 100).toFixed(1);
  say(`${all.length} held-out digits: accuracy ${accuracy} %, every answer as the reference has it (${revision})`);
}

function step(title: string): void {
  console.log(`\n— ${title}`);
}

function say(text: string): void {
  console.log(`  ${text.replaceAll(`${root}/`, "")}`);
}
