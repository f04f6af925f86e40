import assert from "node:assert/strict";
import { test } from "node:test";
import { parseReplicaAddress, replicaServerName, tlsAddress } from "./replica-address.ts";

test("parseReplicaAddress() reads Unix paths and TLS addresses", () => {
  assert.deepEqual(parseReplicaAddress("/run/a"), { type: "unix", path: "/run/a" });
  assert.deepEqual(parseReplicaAddress("tls://10.0.0.7:7880"), { type: "tls", host: "10.0.0.7", port: 7880 });
  assert.deepEqual(parseReplicaAddress("tls://[fd00::7]:7880"), { type: "tls", host: "fd00::7", port: 7880 });
  for (const ip of ["10.0.0.7", "fd00::7"])
    assert.deepEqual(parseReplicaAddress(tlsAddress(ip, 1)), { type: "tls", host: ip, port: 1 });
});

test("parseReplicaAddress() refuses names, other schemes, and what is no address", () => {
  for (const text of [
    "",
    "run/a",
    `/${"a".repeat(107)}`,
    "tls://model.example:7880",
    "tls://10.0.0.7",
    "tls://10.0.0.7:0",
    "tls://10.0.0.7:65536",
    "tls://10.0.0.256:1",
    "tls://10.0.0:1",
    "tls://fd00::7:7880",
    "tls://[10.0.0.7]:7880",
    "tls://[fd00::7]",
    "tcp://10.0.0.7:7880",
    "tls://user@10.0.0.7:7880",
    "tls://10.0.0.7:7880/x",
  ]) {
    assert.equal(parseReplicaAddress(text), undefined, text);
  }
});

test("replicaServerName() is the model's and the namespace's", () => {
  assert.equal(replicaServerName("team", "digits"), "digits.team.model.slipway");
});
