/** A JSON text, or something like one, and whether the infer route takes it. */
export interface JsonText {
  readonly name: string;
  readonly text: string | Uint8Array;
  /** What the model was given, for texts that are taken. */
  readonly accepted?: { readonly data?: readonly number[]; readonly id?: string };
}

const tensor = (data: string, more = "") => `{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":${data}${more}}]}`;
const number = (token: string) => tensor(`[${token},1]`);
const id = (token: string) => `{"id":${token},${tensor("[1,2]").slice(1)}`;
const good = tensor("[1,2]");

/** Numbers as JSON has them (RFC 8259 section 6), and what FP32 makes of them. */
const numbers: readonly (readonly [token: string, value: number])[] = [
  ["0", 0],
  ["-0", -0],
  ["-1", -1],
  ["0.5", 0.5],
  ["-0.0", -0],
  ["1e5", 100_000],
  ["1E5", 100_000],
  ["1e+5", 100_000],
  ["25e-2", 0.25],
  ["2.5E-1", 0.25],
  ["0e0", 0],
  ["0E+9", 0],
  ["1e-400", 0],
  ["-1e-400", -0],
  ["1e38", Math.fround(1e38)],
  ["3.4028235e38", Math.fround(3.4028235e38)],
  ["16777217", 16_777_216],
  ["9007199254740993", 9_007_199_254_740_992],
  ["123456789012345678901234567890", Math.fround(1.2345678901234568e29)],
  [`0.${"0".repeat(10_000)}1`, 0],
  [`0.5${"0".repeat(10_000)}`, 0.5],
  [" \t\r\n1", 1],
  ["1 \t\r\n", 1],
];

const noNumbers = [
  ...["01", "-01", "00", "1.", "-1.", ".5", "-.5", "+1", "++1", "--1", "-", "+", "1e", "1e+", "1E-", "e5", "1e1.5", "1eE5"],
  ...["1.2.3", "1..2", "1 2", "1_000", "0x10", "0b1", "0o7", "1n", "1f", "1,000,", "1.0.", "0e", "0.e1", "2.e3", "-Inf"],
  ...["NaN", "nan", "-NaN", "Infinity", "-Infinity", "+Infinity", "inf", "1#INF", "1e999", "-1e999", "1e39", "-1e39"],
  ...["\u0661", "\uff11", "\u22121", '"1"', "'1'", "true", "false", "null", "undefined", "None", "[]", "[1]", "{}", ""],
  "1".repeat(10_000),
];

/** Strings (section 7), as the id of a request, and what they say. */
const strings: readonly (readonly [token: string, value: string])[] = [
  ['""', ""],
  ['"a"', "a"],
  ['"\\u0041"', "A"],
  ['"\\u00e9"', "\u00e9"],
  ['"\u00e9\u20ac\u{1f600}"', "\u00e9\u20ac\u{1f600}"],
  ['"\\ud83d\\ude00"', "\u{1f600}"],
  ['"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\/\b\f\n\r\t'],
  ['"\\u0000"', "\0"],
  ['"\u007f"', "\u007f"],
  ['"\u2028\u2029"', "\u2028\u2029"],
  ['"\ufeff"', "\ufeff"],
  ['"[{,:]}"', "[{,:]}"],
  ['"\\ud800"', "\ud800"],
  ['"\\udc00\\ud800"', "\udc00\ud800"],
  ['"\uffff\ufdd0"', "\uffff\ufdd0"],
];

const noStrings = [
  ...['"', '"a', 'a"', "'a'", "a", "`a`", '"\n"', '"\r"', '"\t"', '"\0"', '"\u001f"', '"\\x41"', '"\\a"', '"\\\'"', '"\\'],
  ...['"\\u"', '"\\u12"', '"\\u12G4"', '"\\U0041"', '"\\u{41}"', '"a""b"', '"a" "b"', '"a"b', '\\"a"', '"\\0"', '"\\v"'],
];

const noUtf8: readonly (readonly [name: string, bytes: readonly number[]])[] = [
  ["a lone continuation", [0x80]],
  ["a cut sequence", [0xe2, 0x82]],
  ["an overlong slash", [0xc0, 0xaf]],
  ["a surrogate", [0xed, 0xa0, 0x80]],
  ["a pair of surrogates (CESU-8)", [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80]],
  ["beyond U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
  ["0xff", [0xff]],
  ["Latin-1", [0xe9]],
];

const whole: readonly (readonly [name: string, text: string | Uint8Array])[] = [
  ["nothing", ""],
  ["spaces", "  \n"],
  ["a null", "null"],
  ["a boolean", "true"],
  ["a number", "1"],
  ["a string", '"x"'],
  ["an array", "[]"],
  ["an array of a request", `[${good}]`],
  ["an empty object", "{}"],
  ["an open brace", "{"],
  ["a closing brace", "}"],
  ["a request with one brace less", good.slice(0, -1)],
  ["a request with one brace more", `${good}}`],
  ["a request and a comma", `${good},`],
  ["two requests", `${good}${good}`],
  ["a request and a newline and a number", `${good}\n1`],
  ["a request and a NUL", `${good}\0`],
  ["a NUL and a request", `\0${good}`],
  ["a request and a line comment", `${good}// x`],
  ["a block comment", tensor("[1,/* two */2]")],
  ["a hash comment", `# x\n${good}`],
  ["a trailing comma in an array", tensor("[1,2,]")],
  ["a trailing comma in an object", tensor("[1,2]", ",")],
  ["a leading comma", tensor("[,1,2]")],
  ["two commas", tensor("[1,,2]")],
  ["no comma", tensor("[1 2]")],
  ["a semicolon", tensor("[1;2]")],
  ["no colon", good.replace('"data":', '"data" ')],
  ["two colons", good.replace('"data":', '"data"::')],
  ["an equals sign", good.replace('"data":', '"data"=')],
  ["a name without quotes", good.replace('"data"', "data")],
  ["a name in single quotes", good.replace('"data"', "'data'")],
  ["a number as name", good.replace('"data"', "1")],
  ["a name alone", tensor("[1,2]", ',"id"')],
  ["brackets crossed", tensor("[1,2}")],
  ["a round bracket", tensor("(1,2)")],
  ["an array that does not end", tensor("[1,2").slice(0, -4)],
  ["a form feed between tokens", good.replace(":", ":\f")],
  ["a vertical tab between tokens", good.replace(":", ":\v")],
  ["a no-break space between tokens", good.replace(":", ":\u00a0")],
  ["a line separator between tokens", good.replace(":", ":\u2028")],
  ["a zero-width space between tokens", good.replace(":", ":\u200b")],
  ["a byte order mark", `\ufeff${good}`],
  ["UTF-16, little-endian", Buffer.from(good, "utf16le")],
  ["UTF-16 with a mark", Buffer.from(`\ufeff${good}`, "utf16le")],
  ["UTF-16, big-endian", Buffer.from(good, "utf16le").swap16()],
  ["UTF-32", Buffer.concat([...good].map((character) => Buffer.from([character.charCodeAt(0), 0, 0, 0])))],
  ["a field twice", good.replace('"data"', '"data":[3,4],"data"')],
  ["a field twice with an escape", good.replace('"data"', '"d\\u0061ta":[3,4],"data"')],
  ["inputs twice", `{"inputs":[],${good.slice(1)}`],
  ["__proto__", `{"__proto__":{"inputs":[]},${good.slice(1)}`],
  ["constructor", `{"constructor":{"prototype":{"x":1}},${good.slice(1)}`],
  ["an empty name", `{"":1,${good.slice(1)}`],
  ["a name in capitals", good.replace('"inputs"', '"Inputs"')],
  ["a name with a NUL", good.replace('"inputs"', '"inputs\\u0000"')],
  ["65 arrays in one another", tensor(`${"[".repeat(62)}1${"]".repeat(62)}`)],
  ["100,000 arrays that do not end", "[".repeat(100_000)],
  ["100,000 objects that do not end", '{"a":'.repeat(100_000)],
  ["100,000 arrays in one another", tensor(`${"[".repeat(100_000)}${"]".repeat(100_000)}`)],
  ["YAML", "inputs:\n- name: x\n"],
  ["XML", "<inputs/>"],
  ["a form", "inputs=1&x=2"],
  ["JavaScript", `(${good})`],
  ["base64", Buffer.from(good).toString("base64")],
  ["an anti-hijacking prefix", `)]}',\n${good}`],
];

const wholeAccepted: readonly (readonly [name: string, text: string])[] = [
  ["as short as it can be", good],
  ["with space before and after", ` \t\r\n${good} \t\r\n`],
  ["with space between all tokens", good.replaceAll(/([[\]{}:,])/g, " \n\t\r$1 ")],
  ["with escaped names", good.replace('"inputs"', '"\\u0069nput\\u0073"')],
  ["with fields in another order", '{"inputs":[{"data":[1,2],"datatype":"FP32","shape":[1,2],"name":"x"}]}'],
  ["nested as the shape says", tensor("[[1,2]]")],
  ["with a shape of floats that are whole", good.replace("[1,2]", "[1.0,2e0]")],
];

/** Texts in the style of JSONTestSuite, of our own making. */
export const jsonTexts: readonly JsonText[] = [
  ...numbers.map(([token, value]) => ({
    name: `the number ${short(token)}`,
    text: number(token),
    accepted: { data: [value, 1] },
  })),
  ...noNumbers.map((token) => ({ name: `no number: ${short(token)}`, text: number(token) })),
  ...strings.map(([token, value]) => ({ name: `the string ${short(token)}`, text: id(token), accepted: { id: value } })),
  ...noStrings.map((token) => ({ name: `no string: ${short(token)}`, text: id(token) })),
  ...noUtf8.map(([name, bytes]) => ({
    name: `no UTF-8: ${name}`,
    text: Buffer.concat([Buffer.from('{"id":"'), Buffer.from(bytes), Buffer.from(`",${good.slice(1)}`)]),
  })),
  ...whole.map(([name, text]) => ({ name: `no request: ${name}`, text })),
  ...wholeAccepted.map(([name, text]) => ({ name: `a request ${name}`, text, accepted: { data: [1, 2] } })),
];

function short(token: string): string {
  const text = JSON.stringify(token);
  return text.length > 40 ? `${text.slice(0, 40)}… (${token.length} characters)` : text;
}
