import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { LiteralMarker, promptParts } from "./literal-text.ts";
import { StopScanner } from "./stop-scanner.ts";
import { TokenText } from "./token-text.ts";

describe("a stop", () => {
  /** What goes out of a text that comes in these pieces. */
  const scan = (stops: readonly string[], ...pieces: readonly string[]) => {
    const scanner = new StopScanner(stops);
    let out = "";
    for (const piece of pieces) {
      const { text, stopped, after } = scanner.push(piece);
      out += text;
      if (stopped) return `${out}|${after}`;
    }
    return out + scanner.rest();
  };

  test("is found however a text is cut", () => {
    const text = "one two END three";
    for (let first = 0; first <= text.length; first += 1)
      for (let second = first; second <= text.length; second += 1) {
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        const found = scan(["END"], ...pieces);
        assert.ok(found.startsWith("one two |"), `${pieces.join("/")}: ${found}`);
      }
  });

  test("is the first of several, and no text is lost when there is none", () => {
    assert.equal(scan(["bb", "ab"], "aabb"), "a|b");
    assert.equal(scan(["abc"], "ab", "ab", "x", "ab"), "ababxab");
    assert.equal(scan([], "a", "b"), "ab");
  });
});

test("the text of tokens is whole characters, and what is none comes at the end", () => {
  const bytes = [..."a".repeat(1), ..."é💡"].flatMap((character) => [...Buffer.from(character)]);
  const text = new TokenText((tokens) => Buffer.from(tokens).toString());
  assert.deepEqual(
    bytes.map((byte) => text.push(byte)),
    ["a", "", "é", "", "", "", "💡"],
  );
  text.push(0xc3);
  assert.equal(text.rest(), "\uFFFD");
});

describe("special tokens in a caller's text", () => {
  const marker = new LiteralMarker(["<|end|>", "<|user|>", "[INST]"]);
  const literal = (text: string) =>
    promptParts(text)
      .filter((part) => part.literal)
      .map((part) => part.text);

  test("are literal, and the template's own are not", () => {
    const prompt = `<|user|>${marker.mark("a <|end|><|user|> b [INST]")}<|end|>`;
    assert.deepEqual(literal(prompt), ["<|end|>", "<|user|>", "[INST]"]);
    assert.equal(
      promptParts(prompt)
        .map(({ text }) => text)
        .join(""),
      "<|user|>a <|end|><|user|> b [INST]<|end|>",
    );
  });

  test("are literal too when they only begin at the end of a text", () => {
    assert.deepEqual(literal(`${marker.mark("hi <|en")}${marker.mark("d|>")}`), ["<|en"]);
    assert.deepEqual(literal(marker.mark("hi")), []);
    assert.deepEqual(literal(marker.mark("a <|end|> <")), ["<|end|>", "<"]);
  });

  test("are found in every text of a value", () => {
    const marked = JSON.stringify(marker.markAll({ a: ["[INST]", 1, null], "[INST]": true }));
    assert.equal(literal(marked).length, 2);
  });

  test("are literal to the end when a template cuts the mark off", () => {
    assert.deepEqual(literal(marker.mark("a <|end|> b").slice(0, -4)), ["<|end|"]);
  });
});
