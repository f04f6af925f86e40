import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseAlpn } from "./protocol-switch.ts";
import { protocolOf } from "./sniff-protocol.ts";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const of = (text: string) => protocolOf(Buffer.from(text, "latin1"));

test("protocolOf() waits as long as both are possible, and no longer", () => {
  for (let length = 0; length < preface.length; length += 1) {
    assert.equal(of(preface.slice(0, length)), undefined);
    assert.equal(of(`${preface.slice(0, length)}!`), "http/1.1");
  }
  assert.equal(of(preface), "h2");
  assert.equal(of(`${preface}more`), "h2");
  for (const text of ["GET / HTTP/1.1\r\n", "POST", "PUT", "PATCH", "PROPFIND", "pri", "\r\n"])
    assert.equal(of(text), "http/1.1", text);
});

test("chooseAlpn() gives HTTP/1.1 to who can, and gRPC to who offers only HTTP/2", () => {
  assert.equal(chooseAlpn(["h2", "http/1.1"]), "http/1.1");
  assert.equal(chooseAlpn(["h2"]), "h2");
  assert.equal(chooseAlpn(["grpc-exp", "h2"]), "h2");
  assert.equal(chooseAlpn(["spdy/3"]), undefined);
});
