import { rows } from "./datatypes.ts";

/** The fields of a tensor as JSON texts; undefined leaves a field out. */
export type TensorFields = Readonly<Record<string, string | undefined>>;

/** What a request asks. Every field is a JSON text, so that it can be wrong. */
export interface Asked {
  /** Fields of inputs by name, over those of a good tensor `[1,2]`. */
  readonly tensors?: Readonly<Record<string, TensorFields>>;
  /** Inputs to leave out. */
  readonly without?: readonly string[];
  /** More tensors, whole, behind the others. */
  readonly more?: readonly string[];
  /** Names of wanted outputs; all when absent. */
  readonly outputs?: readonly string[];
  /** Other fields of the request, as JSON texts. */
  readonly fields?: TensorFields;
}

/** How the inputs that a request is not about are filled. */
export type Filler = "all" | "no-fp16" | "no-fp16-values" | "none";

/** The JSON text of an inference request to the suite's model, whose inputs are one of each datatype. */
export function requestText({ tensors = {}, without = [], more = [], outputs, fields = {} }: Asked, filler: Filler): string {
  const inputs = rows
    .filter(({ input }) => !without.includes(input))
    .filter(
      ({ input }) => input in tensors || input === "fp32" || (filler !== "none" && (filler !== "no-fp16" || input !== "fp16")),
    )
    .map((row) => {
      const empty = row.datatype === "FP16" && filler === "no-fp16-values";
      return tensorText({
        name: JSON.stringify(row.input),
        shape: empty ? "[0,2]" : "[1,2]",
        datatype: JSON.stringify(row.datatype),
        data: empty ? "[]" : `[${row.sample.join(",")}]`,
        ...tensors[row.input],
      });
    });
  return tensorText({
    inputs: `[${[...inputs, ...more].join(",")}]`,
    outputs: outputs && JSON.stringify(outputs.map((name) => ({ name }))),
    ...fields,
  });
}

/** A JSON object of these fields. */
export function tensorText(fields: TensorFields): string {
  const given = Object.entries(fields).filter(([, text]) => text !== undefined);
  return `{${given.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(",")}}`;
}
