import assert from "node:assert/strict";
import { test } from "node:test";
import { stringify } from "yaml";
import { readKubeconfig } from "./read-kubeconfig.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const config = (more: { cluster?: object; user?: object; context?: object; current?: string } = {}) => ({
  directory: "/home/ada/.kube",
  text: stringify({
    "current-context": more.current ?? "main",
    contexts: [{ name: "main", context: { cluster: "c", user: "u", ...more.context } }],
    clusters: [{ name: "c", cluster: { server: "https://10.0.0.1:6443/", ...more.cluster } }],
    users: [{ name: "u", user: { token: "t", ...more.user } }],
  }),
});

test("server, authority, namespace and token of the current context", () => {
  const file = config({ cluster: { "certificate-authority-data": base64("CA") }, context: { namespace: "team" } });
  assert.deepEqual(readKubeconfig([file]), {
    server: "https://10.0.0.1:6443",
    ca: { text: "CA" },
    namespace: "team",
    credential: { type: "token", token: { text: "t" } },
  });
});

test("files are relative to the kubeconfig, and a certificate goes before a token", () => {
  const file = config({
    cluster: { "certificate-authority": "ca.crt", "tls-server-name": "api", "insecure-skip-tls-verify": true },
    user: { "client-certificate": "/pki/me.crt", "client-key-data": base64("KEY") },
  });
  assert.deepEqual(readKubeconfig([file]), {
    server: "https://10.0.0.1:6443",
    ca: { path: "/home/ada/.kube/ca.crt" },
    serverName: "api",
    insecure: true,
    credential: { type: "certificate", certificate: { path: "/pki/me.crt" }, key: { text: "KEY" } },
  });
});

test("a credential program, by path or by name", () => {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./login",
    args: ["get"],
    env: [{ name: "A", value: "b" }],
  };
  const { credential } = readKubeconfig([config({ user: { token: undefined, exec } })]);
  const program = { apiVersion: exec.apiVersion, command: "/home/ada/.kube/login", args: ["get"], env: { A: "b" } };
  assert.deepEqual(credential, { type: "program", program });
  const told = readKubeconfig([config({ user: { token: undefined, exec: { ...exec, provideClusterInfo: true } } })]).credential;
  const cluster = { server: "https://10.0.0.1:6443/" };
  assert.deepEqual(told, { type: "program", program: { ...program, cluster } });
});

test("of several files the first that names a thing wins, and another context can be asked for", () => {
  const second = {
    directory: "/etc",
    text: stringify({
      contexts: [{ name: "other", context: { cluster: "far" } }],
      clusters: [
        { name: "c", cluster: { server: "https://wrong" } },
        { name: "far", cluster: { server: "https://far" } },
      ],
    }),
  };
  assert.equal(readKubeconfig([config(), second]).server, "https://10.0.0.1:6443");
  assert.deepEqual(readKubeconfig([config(), second], { context: "other" }), {
    server: "https://far",
    credential: { type: "none" },
  });
});

test("what is missing, malformed or not supported is named", () => {
  const refused = (files: Parameters<typeof readKubeconfig>[0], code: string, message: RegExp, context?: string) =>
    assert.throws(() => readKubeconfig(files, context === undefined ? {} : { context }), { code, message });
  refused([], "invalid", /no current context/);
  refused([{ text: "a: [", directory: "/" }], "invalid", /not YAML/);
  refused([config()], "notFound", /no context "other"/, "other");
  refused([config({ context: { cluster: "gone" } })], "notFound", /no cluster "gone"/);
  refused([config({ cluster: { server: "10.0.0.1" } })], "invalid", /no server address/);
  for (const user of [{ "auth-provider": {} }, { as: "root" }, { username: "ada" }])
    refused([config({ user })], "unimplemented", new RegExp(`"${Object.keys(user)[0]}", which is not supported`));
});
