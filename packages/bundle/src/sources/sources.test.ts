import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { cuttingProxy, type SeenRequest, scriptedRegistry } from "@slipway/testkit";
import { defaultBundleLimits } from "../build/bundle-limits.ts";
import { ImpatientClock } from "../testing/impatient-clock.ts";
import { scratch } from "../testing/scratch.ts";
import { fetchFiles } from "./fetch-files.ts";
import { type FileSource, listSource, type SourceAccess, sourceKey } from "./list-source.ts";
import { SourceClient } from "./source-client.ts";
import { parseSourceUri } from "./source-uri.ts";

type Answer = (request: SeenRequest, response: ServerResponse) => void;

const content = randomBytes(3 * 2 ** 20 + 11);
const sha256 = createHash("sha256").update(content).digest("hex");
const commit = "c".repeat(40);

async function setUp(t: TestContext, answer: Answer, limits: Partial<typeof defaultBundleLimits> = {}) {
  const { host, seen } = await scriptedRegistry(t, answer);
  const client = new SourceClient(new ImpatientClock());
  t.after(() => client.close());
  const endpoint = `http://${host}`;
  const login = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG" };
  const access: SourceAccess = {
    client,
    hub: { endpoint, token: "hf_secret" },
    s3: { region: "eu-west-1", endpoint, login },
    mlflow: { endpoint, authorization: "Bearer mlflow-secret" },
  };
  const { signal } = new AbortController();
  const list = (uri: string) => listSource(parseSourceUri(uri) as FileSource, access, signal);
  const fetched = async (uri: string) => {
    const folder = await scratch(t);
    await fetchFiles(folder, await list(uri), { limits: { ...defaultBundleLimits, ...limits }, signal });
    return folder;
  };
  return { host, endpoint, seen, list, fetched };
}

function serve(
  response: ServerResponse,
  { method, headers }: SeenRequest,
  more: Record<string, string> = {},
  bytes = content,
): void {
  const from = Number(/^bytes=(\d+)-$/.exec(String(headers.range))?.[1] ?? 0);
  const part = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, { "content-length": part.length, ...more });
  response.end(method === "HEAD" ? undefined : part);
}

test("https: a file is known by its strong entity tag, and by nothing else", async (t) => {
  let tag = '"one"';
  const { endpoint, list, fetched, seen } = await setUp(t, (request, response) => serve(response, request, { etag: tag }));
  const uri = `${endpoint}/models/model.onnx?token=x`;
  const folder = await fetched(uri);
  assert.ok((await readFile(join(folder, "model.onnx"))).equals(content));
  const key = sourceKey(await list(uri));
  assert.ok(key !== undefined && !key.includes("token"));
  assert.equal(sourceKey(await list(uri)), key);
  tag = '"two"';
  assert.notEqual(sourceKey(await list(uri)), key);
  for (tag of ['W/"weak"', ""]) assert.equal(sourceKey(await list(uri)), undefined);
  assert.ok(seen.every(({ headers }) => headers["accept-encoding"] === "identity"));
});

test("https: a server that knows no HEAD is believed nothing, and its file is fetched", async (t) => {
  const { endpoint, list, fetched } = await setUp(t, (request, response) =>
    request.method === "HEAD" ? response.writeHead(405).end() : serve(response, request, { etag: '"x"' }),
  );
  assert.equal(sourceKey(await list(`${endpoint}/model.onnx`)), undefined);
  assert.ok((await readFile(join(await fetched(`${endpoint}/model.onnx`), "model.onnx"))).equals(content));
});

test("https: a transfer that breaks goes on where it was; a file that changes meanwhile is refused", async (t) => {
  let tag = '"one"';
  const { host, fetched } = await setUp(t, (request, response) => serve(response, request, { etag: tag }));
  let down = 0;
  let change = false;
  const proxy = await cuttingProxy(t, host, (piece, way) => {
    if (way === "down") down += piece.length;
    const cut = down > 2 ** 20 && proxy.cuts() === (change ? 1 : 0);
    if (cut && change) tag = '"two"';
    return cut;
  });
  const uri = `http://${proxy.host}/model.onnx`;
  assert.ok((await readFile(join(await fetched(uri), "model.onnx"))).equals(content));
  assert.equal(proxy.cuts(), 1);
  assert.ok(down < content.length + 2 ** 20, `${down} bytes`);
  change = true;
  down = 0;
  await assert.rejects(fetched(uri), { code: "conflict", message: /changed/ });
});

test("https: what is cut short, endless, too large or an archive is refused", async (t) => {
  const short = await setUp(t, (request, response) => {
    if (request.method === "HEAD") serve(response, request);
    else response.end(content.subarray(0, 1000));
  });
  await assert.rejects(short.fetched(`${short.endpoint}/model.onnx`), { code: "invalid", message: /after 1000 of/ });
  const endless = await setUp(
    t,
    (request, response) => {
      if (request.method === "HEAD") return response.writeHead(405).end();
      const more = () => {
        while (response.writable && response.write(content));
        response.once("drain", more);
      };
      more();
    },
    { fileBytes: 5 * 2 ** 20 },
  );
  await assert.rejects(endless.fetched(`${endless.endpoint}/model.onnx`), { code: "tooLarge" });
  const large = await setUp(t, (request, response) => serve(response, request), { totalBytes: 1000 });
  await assert.rejects(large.fetched(`${large.endpoint}/model.onnx`), { code: "tooLarge" });
  await assert.rejects(large.fetched(`${large.endpoint}/model.tar.gz`), { code: "invalid", message: /archive/ });
  await assert.rejects(large.fetched(`${large.endpoint}/`), { code: "invalid", message: /no file name/ });
});

test("what a server refuses is a sentence, and what is busy is asked again", async (t) => {
  const statuses = [503, 429, 502];
  const busy = await setUp(t, (request, response) => {
    const status = statuses.shift();
    if (status === undefined) serve(response, request);
    else response.writeHead(status).end();
  });
  assert.ok((await readFile(join(await busy.fetched(`${busy.endpoint}/model.onnx`), "model.onnx"))).equals(content));
  for (const [status, code] of [
    [401, "unauthenticated"],
    [404, "notFound"],
    [418, "invalid"],
  ] as const) {
    const { endpoint, fetched } = await setUp(t, (_, response) => response.writeHead(status).end());
    await assert.rejects(fetched(`${endpoint}/model.onnx`), { code });
  }
});

function hub(files: readonly { rfilename: string; size?: number; lfs?: { sha256: string } }[], bytes = content): Answer {
  return (request, response) => {
    if (request.path.startsWith("/api/models/team/digits/revision/main?"))
      return void response.end(JSON.stringify({ sha: commit, siblings: files }));
    if (request.path.startsWith(`/team/digits/resolve/${commit}/`)) return serve(response, request, {}, bytes);
    response.writeHead(404).end();
  };
}

const weights = { rfilename: "onnx/model.onnx", size: content.length, lfs: { sha256 } };

test("hf: the files of the commit that a revision names, without what git leaves", async (t) => {
  const others = [
    { rfilename: ".gitattributes", size: 3 },
    { rfilename: "other/README.md", size: 5 },
  ];
  const { fetched, list, seen } = await setUp(t, hub([weights, ...others]));
  const folder = await fetched("hf://team/digits/onnx");
  assert.deepEqual(await readdir(folder), ["model.onnx"]);
  assert.ok((await readFile(join(folder, "model.onnx"))).equals(content));
  const model = await list("hf://team/digits");
  assert.deepEqual([model.revision, model.files.map(({ path }) => path)], [commit, ["onnx/model.onnx", "other/README.md"]]);
  assert.ok(sourceKey(model)?.includes(commit));
  assert.ok(seen.every(({ headers }) => headers.authorization === "Bearer hf_secret"));
  await assert.rejects(list("hf://team/digits/nowhere"), { code: "notFound" });
  await assert.rejects(list("hf://team/absent"), { code: "notFound" });
});

test("hf: a login stays with the hub it is for, also when that sends its files from elsewhere", async (t) => {
  const store = await setUp(t, (request, response) => serve(response, request));
  const { fetched } = await setUp(t, (request, response) => {
    if (request.path.includes("/resolve/")) response.writeHead(302, { location: `${store.endpoint}/blob` }).end();
    else hub([weights])(request, response);
  });
  await fetched("hf://team/digits");
  assert.equal(store.seen.length, 1);
  assert.equal(store.seen[0]!.headers.authorization, undefined);
});

test("hf: one flipped bit, and names that lead elsewhere, are refused before anything is used", async (t) => {
  const flipped = Buffer.from(content);
  flipped[7]! ^= 1;
  const wrong = await setUp(t, hub([weights], flipped));
  await assert.rejects(wrong.fetched("hf://team/digits"), { code: "invalid", message: /not those that were promised/ });
  for (const rfilename of ["../escape", "/etc/passwd", "a/../../b", "a\\b", "a\nb", "", "CON", "x".repeat(400)]) {
    const { fetched } = await setUp(t, hub([{ rfilename, size: 1 }]));
    await assert.rejects(fetched("hf://team/digits"), { code: "invalid" }, rfilename);
  }
  const twice = await setUp(t, hub([weights, { ...weights, rfilename: "ONNX/model.onnx" }]));
  await assert.rejects(twice.fetched("hf://team/digits"), { code: "invalid", message: /twice/ });
  for (const answer of ["[]", "{", '{"sha":"main","siblings":[]}', `{"sha":"${commit}","siblings":{}}`]) {
    const { list } = await setUp(t, (_, response) => response.end(answer));
    await assert.rejects(list("hf://team/digits"), { code: "invalid" }, answer);
  }
});

test("s3: what lies under a prefix, page after page, signed and by its entity tags", async (t) => {
  const page = (items: readonly string[], next?: string) =>
    `<?xml version="1.0"?><ListBucketResult>${items
      .map((key) => `<Contents><Key>${key}</Key><ETag>&quot;e1&quot;</ETag><Size>${content.length}</Size></Contents>`)
      .join(
        "",
      )}<IsTruncated>${next !== undefined}</IsTruncated>${next ? `<NextContinuationToken>${next}</NextContinuationToken>` : ""}</ListBucketResult>`;
  const { fetched, list, seen } = await setUp(t, (request, response) => {
    const url = new URL(request.path, "http://x");
    if (url.pathname === "/models/") {
      const more = url.searchParams.get("continuation-token");
      response.end(more === "two=" ? page(["v1/samples/1%20a.json"]) : page(["v1/", "v1/model.onnx", "v10/model.onnx"], "two="));
    } else serve(response, request, { etag: '"e1"' });
  });
  const folder = await fetched("s3://models/v1");
  assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ["model.onnx", "samples", "samples/1 a.json"]);
  assert.ok((await readFile(join(folder, "samples/1 a.json"))).equals(content));
  assert.ok(
    seen.every(({ headers }) => /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-west-1\/s3\//.test(headers.authorization!)),
  );
  assert.ok(sourceKey(await list("s3://models/v1")) !== undefined);
  const other = await setUp(t, (_, response) => response.end("<html>"));
  // Real stores sign %20; a plus for a space is a signature that does not match.
  await assert.rejects(other.list("s3://models/a b+c"), { code: "invalid" });
  assert.match(other.seen[0]!.path, /&prefix=a%20b%2Bc$/);
  await assert.rejects(other.list("s3://models/v1"), { code: "invalid", message: /does not list/ });
});

test("mlflow: the files of a version or an alias, through the tracking server", async (t) => {
  const { fetched, list, seen } = await setUp(t, (request, response) => {
    const { pathname, searchParams } = new URL(request.path, "http://x");
    const say = (value: object) => void response.end(JSON.stringify(value));
    if (pathname.endsWith("/alias")) return say({ model_version: { version: "7" } });
    if (pathname.endsWith("/get-download-uri"))
      return say({ artifact_uri: searchParams.get("version") === "7" ? "mlflow-artifacts:/1/models/m" : "file:///etc" });
    if (pathname.endsWith("/mlflow-artifacts/artifacts")) {
      if (searchParams.get("path") === "1/models/m")
        return say({
          files: [
            { path: "MLmodel", is_dir: false, file_size: 5 },
            { path: "data", is_dir: true },
          ],
        });
      return say({ files: [{ path: "model.onnx", is_dir: false }] });
    }
    serve(response, request);
  });
  for (const uri of ["mlflow:digits@champion", "mlflow:digits/7"]) {
    const folder = await fetched(uri);
    assert.deepEqual((await readdir(folder, { recursive: true })).sort(), ["MLmodel", "data", "data/model.onnx"]);
  }
  assert.equal(sourceKey(await list("mlflow:digits/7")), undefined, "nothing says whether its files are what they were");
  assert.ok(seen.some(({ path }) => path === "/api/2.0/mlflow-artifacts/artifacts/1/models/m/data/model.onnx"));
  assert.ok(seen.every(({ headers }) => headers.authorization === "Bearer mlflow-secret"));
  // A tracking server does not choose what is read from this machine's disk.
  await assert.rejects(list("mlflow:digits/8"), { code: "invalid", message: /not fetched from there/ });
});
