// `node e2e/kubernetes/parity/record.ts`: answers of a real API server to every case, for the API's own tests. See the README beside this file.
import { systemClock } from "@slipway/base";
import type { ClusterConnection } from "@slipway/kubernetes";
import { crd } from "@slipway/spec";
import type { Case } from "../../../packages/api/src/testing/parity/case.ts";
import { topics } from "../../../packages/api/src/testing/parity/cases.ts";
import { comparable } from "../../../packages/api/src/testing/parity/comparable.ts";
import { writeRecording } from "../../../packages/api/src/testing/parity/recording.ts";
import { type Answer, runCase, type Server } from "../../../packages/api/src/testing/parity/run-case.ts";
import { connectAdmin } from "../harness/connect-admin.ts";
import { useCluster } from "../harness/use-cluster.ts";

/** Cases at a time: each mostly waits for the next second. */
const atOnce = 8;
/** After the start of a second, so that all of a step happens within it. */
const intoSecondMs = 100;
/** Between two looks at what happens in the background. */
const againMs = 200;

const say = (line: string) => console.error(line);
const cluster = await useCluster();
try {
  const connection = await connectAdmin();
  try {
    await record(connection);
  } finally {
    await connection.close();
  }
} finally {
  await cluster.release();
}

async function record(connection: ClusterConnection): Promise<void> {
  const server = serverOf(connection);
  const version = (await call(server, "GET", "/version")) as { gitVersion: string };
  for (const kind of ["Model", "Revision"] as const) await install(server, kind);
  for (const [topic, cases] of Object.entries(topics)) {
    const answers = await runAll(server, topic, cases);
    writeRecording(topic, {
      server: version.gitVersion,
      cases: Object.fromEntries(cases.map(({ name }, index) => [name, answers[index]!])),
    });
    say(`${topic}: ${cases.length} cases`);
  }
}

async function runAll(server: Server, topic: string, cases: readonly Case[]): Promise<Answer[][]> {
  const answers: Answer[][] = [];
  let next = 0;
  const worker = async () => {
    while (next < cases.length) {
      const index = next++;
      const run = systemClock.now().toString(36);
      answers[index] = (await runCase(server, cases[index]!, `parity-${topic}-${index}-${run}`)).map(comparable);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return answers;
}

function serverOf({ baseUrl, fetch }: ClusterConnection): Server {
  return {
    send: (method, path, init) => fetch(`${baseUrl}${path}`, { method, ...init }),
    tick: () => passed(1_000 - (systemClock.now() % 1_000) + intoSecondMs),
    settle: () => passed(againMs),
  };
}

async function call(server: Server, method: string, path: string, body?: object): Promise<unknown> {
  const response = await server.send(method, path, {
    headers: { accept: "application/json", ...(body === undefined ? {} : { "content-type": "application/apply-patch+yaml" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  if (response.status >= 300) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** Installs a kind and waits until it is served. */
async function install(server: Server, kind: "Model" | "Revision"): Promise<void> {
  const definition = crd(kind);
  const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}`;
  await call(server, "PATCH", `${path}?fieldManager=parity&force=true`, definition);
  for (;;) {
    const { status } = (await call(server, "GET", path)) as { status?: { conditions?: { type: string; status: string }[] } };
    if (status?.conditions?.some((condition) => condition.type === "Established" && condition.status === "True")) break;
    await server.settle();
  }
  // Established comes before the kind's paths, and those before its schema is published.
  for (const ready of [
    `/apis/${definition.spec.group}/v1alpha1/${definition.spec.names.plural}`,
    "/openapi/v3/apis/slipway.dev/v1alpha1",
  ])
    while (!(await serves(server, ready, `"${kind}`))) await server.settle();
}

async function serves(server: Server, path: string, text: string): Promise<boolean> {
  const response = await server.send("GET", path, {
    headers: { accept: "application/json" },
    signal: AbortSignal.timeout(30_000),
  });
  return (await response.text()).includes(text) && response.status === 200;
}

/** Times are whole seconds: here time itself is what is waited for, no condition. */
function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after(ms, resolve);
  });
}
