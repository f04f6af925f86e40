import assert from "node:assert/strict";
import { test } from "node:test";
import { followRedirect } from "./follow-redirect.ts";
import { isPrivateAddress } from "./private-address.ts";

const follow = async (from: string, location: string | undefined) => String(await followRedirect(new URL(from), location));

test("addresses of this machine and of private networks", () => {
  const inside =
    "127.0.0.1 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 ::1 :: fe80::1 fd00::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1";
  for (const address of inside.split(" ")) assert.ok(isPrivateAddress(address), address);
  for (const address of "8.8.8.8 172.32.0.1 100.128.0.1 2001:db8::1 ::ffff:8.8.8.8 example.org".split(" "))
    assert.ok(!isPrivateAddress(address), address);
});

test("a redirect stays HTTPS, and outside when it comes from outside", async () => {
  assert.equal(await follow("https://203.0.113.1/v2/x", "https://198.51.100.2/blob"), "https://198.51.100.2/blob");
  assert.equal(await follow("https://203.0.113.1/v2/x", "/other"), "https://203.0.113.1/other");
  assert.equal(await follow("http://127.0.0.1:5000/x", "http://127.0.0.1:9000/y"), "http://127.0.0.1:9000/y");
  assert.equal(await follow("https://10.0.0.1/x", "https://10.0.0.2/y"), "https://10.0.0.2/y");
  const refused: readonly (readonly [string, string])[] = [
    ["https://203.0.113.1/x", "http://203.0.113.1/x"],
    ["https://203.0.113.1/x", "file:///etc/passwd"],
    ["http://203.0.113.1/x", "ftp://203.0.113.1/x"],
    ["https://203.0.113.1/x", "https://127.0.0.1/x"],
    ["https://203.0.113.1/x", "https://[::1]/x"],
    ["https://203.0.113.1/x", "https://[::ffff:169.254.169.254]/x"],
    ["https://203.0.113.1/x", "https://169.254.169.254/latest/meta-data"],
    ["http://203.0.113.1/x", "http://localhost/x"],
  ];
  for (const [from, to] of refused) await assert.rejects(follow(from, to), { code: "forbidden" }, `${from} ${to}`);
  await assert.rejects(follow("https://203.0.113.1/x", "https://"), { code: "unavailable" });
});
