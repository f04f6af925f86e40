import { type Case, casesOf, expect, NotApplicable } from "../case.ts";
import { rowOf } from "../datatypes.ts";
import { type Answer, rawExchange } from "../http-client.ts";
import { expectErrorObject, expectValues, inferAnswer, type Target } from "../target.ts";

const semantics = casesOf("RFC 9110", "mandatory");
const messages = casesOf("RFC 9112", "mandatory");
const should = casesOf("RFC 9112", "optional");
const rest = casesOf("OIP v2 REST", "mandatory");

/** HTTP itself: methods, paths, framing. */
export const httpRuleCases: readonly Case[] = [
  ...["/v2", "/v2/health/live", "model"].map((path) =>
    semantics(
      `http-head-${path.split("/").at(-1)}`,
      `HEAD ${path} is GET without a body`,
      "section 9.3.2; 9.1: GET and HEAD must be supported",
      async (target) => {
        const where = path === "model" ? target.path : path;
        const [head, get] = [await target.http.send("HEAD", where), await target.http.send("GET", where)];
        expect(head.status === get.status, `status ${get.status}`, head.status);
        expect(head.body.length === 0, "no body", head.text);
      },
    ),
  ),
  ...["GET", "PUT", "DELETE", "PATCH"].map((method) =>
    semantics(
      `http-method-${method.toLowerCase()}`,
      `${method} on infer is not allowed`,
      "section 15.5.6; 9.1: 405, or 501 for a method unknown everywhere",
      async (target) => {
        const answer = await target.http.send(method, `${target.path}/infer`);
        expect(answer.status === 405 || answer.status === 501, "status 405 or 501", answer.status);
      },
    ),
  ),
  semantics("http-method-post-metadata", "POST on metadata is not allowed", "section 15.5.6", async (target) => {
    const answer = await target.http.send("POST", "/v2", { body: "{}", headers: { "content-type": "application/json" } });
    expect(answer.status === 405, "status 405", answer.status);
  }),
  semantics("http-allow", "405 comes with Allow, which names POST", "section 15.5.6: must generate Allow", async (target) => {
    const answer = await target.http.send("GET", `${target.path}/infer`);
    if (answer.status !== 405) throw new NotApplicable(`the status is ${answer.status}`);
    expect(/\bPOST\b/.test(answer.headers.allow ?? ""), "allow: POST", answer.headers.allow);
  }),
  semantics("http-method-unknown", "a method that nobody knows is refused", "section 9.1: 501 or 405", async (target) => {
    const { text } = await raw(target, (line) => `FROBNICATE ${line("/v2")}Connection: close\r\n\r\n`);
    expect(/^HTTP\/1\.1 (400|405|501) /.test(text), "400, 405 or 501", text.slice(0, 60));
  }),
  semantics("http-unknown-path", "a path that is not there is 404", "section 15.5.5", async ({ http }) =>
    hasStatus(await http.send("GET", "/no/such/path"), 404),
  ),
  semantics("http-unknown-v2-path", "a path below /v2 that is not there is 404", "section 15.5.5", async ({ http }) =>
    hasStatus(await http.send("GET", "/v2/no-such-thing"), 404),
  ),
  semantics("http-path-case", "paths are case-sensitive", "section 4.2.3", async ({ http }) =>
    hasStatus(await http.send("GET", "/V2/HEALTH/LIVE"), 404),
  ),
  semantics(
    "http-path-encoded",
    "an octet percent-encoded needlessly is the same path",
    "section 4.2.3; RFC 3986 section 6.2.2.2",
    async (target) => {
      const [first] = target.model;
      const encoded = `%${first!.charCodeAt(0).toString(16).toUpperCase()}`;
      hasStatus(await target.http.send("GET", target.path.replace(`/models/${first}`, `/models/${encoded}`)), 200);
    },
  ),
  semantics("http-query", "a query that nobody asked for does not matter", "section 4.1", async ({ http }) =>
    hasStatus(await http.send("GET", "/v2/health/live?probe=1"), 200),
  ),
  rest("http-error-object", "an unknown model's error is an error object however it is asked", "Errors", async ({ http }) => {
    for (const path of ["", "/ready"]) expectErrorObject(await http.send("GET", `/v2/models/no-such-model${path}`));
  }),
  semantics("http-unknown-header", "headers that nobody knows are ignored", "section 5.1", async (target) =>
    good(target, await target.infer(body(target), { "x-no-such-header": "1" })),
  ),
  semantics("http-accept", "Accept of anything, or of JSON, gets JSON", "section 12.5.1", async (target) => {
    for (const accept of ["*/*", "application/json", "text/html, application/json;q=0.9, */*;q=0.8"])
      good(target, await target.infer(body(target), { accept }));
  }),
  semantics("http-expect-continue", "Expect: 100-continue gets its 100, or the answer", "section 10.1.1", async (target) => {
    const { text } = await raw(
      target,
      (line) =>
        `POST ${line(`${target.path}/infer`)}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body(target))}\r\nExpect: 100-continue\r\n\r\n`,
      {
        enough: (got) => /^HTTP\/1\.1 \d{3} [^\r]*\r\n/.test(got),
      },
    );
    expect(/^HTTP\/1\.1 (100|[45]\d\d) /.test(text), "100 Continue", text.slice(0, 60));
  }),
  semantics("http-date", "answers have a date", "section 6.6.1: an origin server with a clock must", async ({ http }) => {
    const { date } = (await http.send("GET", "/v2")).headers;
    expect(date !== undefined && !Number.isNaN(Date.parse(date)), "a date", date);
  }),
  messages("http-length", "an answer's length is the one it says", "section 6.2", async (target) => {
    const { headers, body: bytes } = await target.infer(body(target));
    const length = headers["content-length"];
    if (length === undefined) expect(/chunked/i.test(headers["transfer-encoding"] ?? ""), "a length or chunks", headers);
    else expect(Number(length) === bytes.length, `${bytes.length}`, length);
  }),
  messages("http-chunked", "a body in chunks is read", "section 7.1: must be able to parse chunked", async (target) => {
    const answer = await target.http.send("POST", `${target.path}/infer`, {
      body: body(target),
      chunked: 50,
      headers: { "content-type": "application/json", "transfer-encoding": "chunked" },
    });
    good(target, answer);
  }),
  messages(
    "http-chunk-extension",
    "chunk extensions are ignored",
    "section 7.1.1: must ignore unrecognized extensions",
    async (target) => {
      const text = body(target);
      const { text: got } = await raw(
        target,
        (line) =>
          `POST ${line(`${target.path}/infer`)}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${Buffer.byteLength(text).toString(16)};a=b\r\n${text}\r\n0\r\n\r\n`,
      );
      expect(/^HTTP\/1\.1 200 /.test(got), "status 200", got.slice(0, 100));
    },
  ),
  messages("http-keep-alive", "a connection serves several requests", "section 9.3: persistent by default", async (target) => {
    const { text } = await raw(target, (line) => `GET ${line("/v2/health/live")}\r\n`, {
      enough: (got) => /\r\n\r\n/.test(got),
      seconds: 2,
    });
    expect(!/^connection: *close/im.test(text), "no Connection: close", text.slice(0, 200));
  }),
  messages("http-pipelining", "pipelined requests are answered in order", "section 9.3.2", async (target) => {
    const { text } = await raw(
      target,
      (line) =>
        `GET ${line("/v2/health/live")}\r\nGET ${line("/no/such/path")}\r\nGET ${line("/v2/health/live")}Connection: close\r\n\r\n`,
    );
    const statuses = [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => match[1]);
    expect(statuses.join() === "200,404,200", "200, 404, 200", statuses);
  }),
  messages("http-close", "Connection: close is obeyed", "section 9.6", async (target) => {
    const { closed } = await raw(target, (line) => `GET ${line("/v2/health/live")}Connection: close\r\n\r\n`);
    expect(closed, "a closed connection", "an open one");
  }),
  ...refusedFraming(),
  messages(
    "http-absolute-target",
    "the absolute form of the target is accepted",
    "section 3.2.2: must accept",
    async (target) => {
      const { text } = await raw(
        target,
        (_, { authority, prefix }) =>
          `GET http://${authority}${prefix}/v2/health/live HTTP/1.1\r\nHost: ${authority}\r\nConnection: close\r\n\r\n`,
      );
      expect(/^HTTP\/1\.1 200 /.test(text), "status 200", text.slice(0, 60));
    },
  ),
  should(
    "http-empty-line",
    "an empty line before a request is ignored",
    "section 2.2: should ignore at least one",
    async (target) => {
      const { text } = await raw(target, (line) => `\r\nGET ${line("/v2/health/live")}Connection: close\r\n\r\n`);
      expect(/^HTTP\/1\.1 200 /.test(text), "status 200", text.slice(0, 60));
    },
  ),
];

/** Requests that RFC 9112 says must be refused with 400. */
function refusedFraming(): Case[] {
  const refused: readonly (readonly [id: string, title: string, section: string, head: (authority: string) => string])[] = [
    ["no-host", "no Host", "section 3.2: must respond 400", () => "GET /v2/health/live HTTP/1.1\r\n\r\n"],
    [
      "two-hosts",
      "two Hosts",
      "section 3.2: must respond 400",
      (authority) => `GET /v2/health/live HTTP/1.1\r\nHost: ${authority}\r\nHost: other.example\r\n\r\n`,
    ],
    [
      "two-lengths",
      "two different lengths",
      "section 6.3: must respond 400",
      (authority) => `POST /v2 HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} `,
    ],
    [
      "bad-length",
      "a length that is no number",
      "section 6.3: must respond 400",
      (authority) => `POST /v2 HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: two\r\n\r\n{}`,
    ],
    [
      "negative-length",
      "a negative length",
      "section 6.3: must respond 400",
      (authority) => `POST /v2 HTTP/1.1\r\nHost: ${authority}\r\nContent-Length: -2\r\n\r\n{}`,
    ],
    [
      "space-before-colon",
      "white space before a header's colon",
      "section 5.1: must reject with 400",
      (authority) => `GET /v2/health/live HTTP/1.1\r\nHost: ${authority}\r\nA : b\r\n\r\n`,
    ],
  ];
  return refused.map(([id, title, section, head]) =>
    messages(`http-${id}`, `${title} is refused`, section, async (target) => {
      const { text } = await raw(target, (_, { authority }) => head(authority), { enough: (got) => /\r\n\r\n/.test(got) });
      expect(/^HTTP\/1\.1 400 /.test(text), "status 400", text.slice(0, 60) || "no answer");
    }),
  );
}

type Wire = NonNullable<Target["http"]["plain"]>;

/** Bytes on a connection of their own; `line` makes the rest of a request line and its Host. */
function raw(
  target: Target,
  bytes: (line: (path: string) => string, wire: Wire) => string,
  options: { enough?: (text: string) => boolean; seconds?: number } = {},
) {
  const wire = target.http.plain;
  if (wire === undefined) throw new NotApplicable("the server's address is one of TLS");
  return rawExchange(
    wire,
    bytes((path) => `${wire.prefix}${path} HTTP/1.1\r\nHost: ${wire.authority}\r\n`, wire),
    options,
  );
}

function hasStatus({ status, text }: Answer, wanted: number): void {
  expect(status === wanted, `status ${wanted}`, `${status} ${text}`);
}

function body(target: Target): string {
  return target.request({ outputs: ["fp32_out"] });
}

function good(_: Target, answer: Answer): void {
  expectValues(rowOf("FP32"), inferAnswer(answer), [1, 2], rowOf("FP32").sample);
}
