import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { connect as connectPlain } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { connect, type TLSSocket } from "node:tls";
import { createLog, silentLog, systemClock, VirtualClock } from "@slipway/base";
import { TestAuthority } from "@slipway/testkit";
import { connectTls, listenTls, type TlsCredentials, TlsFiles, TlsIdentity, tlsFailure } from "../index.ts";

const authority = await TestAuthority.create();
const server = await authority.issue({ name: "server.test", usage: ["server"] });
const client = await authority.issue({ name: "client.test" });

/** A listener that answers every line it gets, and what it logs. */
async function listen(t: TestContext, credentials = new TlsIdentity(server)) {
  const lines: string[] = [];
  const listener = await listenTls({
    host: "127.0.0.1",
    port: 0,
    credentials,
    client: "client.test",
    accept: (socket) => socket.pipe(socket),
    log: createLog({ write: (line) => lines.push(line), clock: systemClock }),
  });
  t.after(() => listener.close());
  return { port: listener.port, lines, credentials };
}

function open(t: TestContext, port: number, credentials: TlsCredentials, serverName = "server.test"): TLSSocket {
  const socket = connectTls({ host: "127.0.0.1", port, serverName, credentials: new TlsIdentity(credentials) });
  t.after(() => socket.destroy());
  return socket;
}

/** Says something and hears it, or fails as the connection does. */
async function echo(socket: TLSSocket, text = "hello"): Promise<string> {
  const ended = Promise.withResolvers<never>();
  socket.on("error", ended.reject);
  socket.on("close", () => ended.reject(new Error("closed")));
  ended.promise.catch(() => {});
  socket.write(text);
  const [answer] = (await Promise.race([once(socket, "data"), ended.promise])) as [Buffer];
  return answer.toString();
}

async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = systemClock.monotonic() + 10_000;
  while (!condition()) {
    if (systemClock.monotonic() > deadline) assert.fail(`waited 10 s for: ${what}`);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

describe("listenTls()", () => {
  it("takes clients that prove themselves, with TLS 1.3", async (t) => {
    const { port } = await listen(t);
    const socket = open(t, port, client);
    assert.equal(await echo(socket), "hello");
    assert.equal(socket.getProtocol(), "TLSv1.3");
  });

  it("refuses everybody else, says why in its log, and goes on", async (t) => {
    const other = await TestAuthority.create();
    const { port, lines } = await listen(t);
    for (const [reason, credentials] of [
      ["its certificate is of another authority", { ...(await other.issue({ name: "client.test" })), ca: authority.ca }],
      ["its certificate has not the name client.test", await authority.issue({ name: "model.test" })],
      ["its certificate has expired", await authority.issue({ name: "client.test", from: -7_200_000, until: -1_000 })],
      ["its certificate is not valid yet", await authority.issue({ name: "client.test", from: 3_000_000 })],
      ["its certificate is for another purpose", await authority.issue({ name: "client.test", usage: ["server"] })],
    ] as const) {
      await assert.rejects(echo(open(t, port, credentials)), reason);
      await until(reason, () => lines.some((line) => line.includes("connection refused") && line.includes(`"${reason}"`)));
    }
    const bare = connect({ host: "127.0.0.1", port, servername: "server.test", ca: authority.ca });
    t.after(() => bare.destroy());
    await assert.rejects(echo(bare));
    await until("it has no certificate", () => lines.some((line) => line.includes('"it has no certificate"')));
    const old = connect({ host: "127.0.0.1", port, servername: "server.test", ...client, maxVersion: "TLSv1.2" });
    t.after(() => old.destroy());
    await assert.rejects(echo(old));
    const plain = connectPlain(port, "127.0.0.1");
    plain.on("error", () => {});
    plain.write("GET / HTTP/1.1\r\n\r\n");
    await once(plain, "close");
    assert.equal(await echo(open(t, port, client)), "hello");
  });

  it("counts new credentials for new connections and leaves the open ones alone", async (t) => {
    const { port, credentials } = await listen(t);
    const before = open(t, port, client);
    assert.equal(await echo(before), "hello");
    const next = await TestAuthority.create();
    credentials.replace({ ...(await next.issue({ name: "server.test" })), ca: `${authority.ca}\n${next.ca}` });
    const renewed = { ...(await next.issue({ name: "client.test" })), ca: next.ca };
    const after = open(t, port, renewed);
    assert.equal(await echo(after), "hello");
    assert.equal(await echo(before, "still"), "still");
    await assert.rejects(echo(open(t, port, client)), (error) => tlsFailure(error) === "its certificate is of another authority");
  });

  it("keeps the credentials it has when new ones are nonsense", async (t) => {
    const { port, credentials, lines } = await listen(t);
    credentials.replace({ ...server, key: client.key });
    assert.ok(lines.some((line) => line.includes("the ones before stay")));
    assert.equal(await echo(open(t, port, client)), "hello");
  });
});

describe("connectTls()", () => {
  it("refuses a server of another name or authority", async (t) => {
    const { port } = await listen(t);
    await assert.rejects(
      echo(open(t, port, client, "other.test")),
      (error) => tlsFailure(error) === "its certificate has another name",
    );
    const other = await TestAuthority.create();
    await assert.rejects(
      echo(open(t, port, { ...client, ca: other.ca })),
      (error) => tlsFailure(error) === "its certificate is of another authority",
    );
  });
});

describe("TlsFiles", () => {
  async function mounted(t: TestContext): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "slipway-tls-"));
    t.after(() => rm(directory, { recursive: true }));
    return directory;
  }

  async function write(directory: string, { cert, key, ca }: TlsCredentials): Promise<void> {
    await writeFile(join(directory, "tls.crt"), cert);
    await writeFile(join(directory, "tls.key"), key);
    await writeFile(join(directory, "ca.crt"), ca);
  }

  /** As kubelet: files are links into `..data`, a link that is replaced at once. */
  async function mount(directory: string, version: string, credentials: TlsCredentials): Promise<void> {
    await mkdir(join(directory, version));
    await write(join(directory, version), credentials);
    await symlink(version, join(directory, "..tmp"));
    await rename(join(directory, "..tmp"), join(directory, "..data"));
  }

  it("follows files as kubelet replaces them, and keeps what it has while they do not fit", async (t) => {
    const directory = await mounted(t);
    await mount(directory, "..1", server);
    for (const name of ["tls.crt", "tls.key", "ca.crt"]) await symlink(join("..data", name), join(directory, name));
    const clock = new VirtualClock();
    const files = await TlsFiles.open(directory, { clock, log: silentLog });
    t.after(() => files.close());
    let changes = 0;
    files.onChange(() => {
      changes += 1;
    });
    assert.deepEqual(files.current, server);
    await mount(directory, "..2", { ...client, key: server.key });
    const looks = async () => {
      await clock.advance(5_000);
      for (let turn = 0; turn < 50; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve));
    };
    await looks();
    await looks();
    assert.deepEqual([files.current, changes], [server, 0]);
    await mount(directory, "..3", client);
    const deadline = systemClock.monotonic() + 10_000;
    while (changes === 0 && systemClock.monotonic() < deadline) await looks();
    assert.deepEqual([files.current, changes], [client, 1]);
  });

  it("says which files it needs", async (t) => {
    const options = { clock: systemClock, log: silentLog };
    await assert.rejects(TlsFiles.open(await mounted(t), options), { code: "unavailable", message: /cannot be used/ });
  });

  it("follows a certificate and its key wherever they are, and says when they do not fit each other", async (t) => {
    const options = { clock: systemClock, log: silentLog };
    const directory = await mounted(t);
    await write(directory, server);
    const paths = { cert: join(directory, "tls.crt"), key: join(directory, "tls.key") };
    const files = await TlsFiles.pair(paths, options);
    files.close();
    assert.deepEqual(files.current, { cert: server.cert, key: server.key, ca: "" });
    await writeFile(paths.key, client.key);
    await assert.rejects(TlsFiles.pair(paths, options), { code: "invalid", message: /tls\.crt .* cannot be used/ });
    await assert.rejects(TlsFiles.pair({ ...paths, cert: join(directory, "none") }, options), { code: "invalid" });
  });
});
