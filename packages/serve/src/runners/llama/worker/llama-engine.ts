import { availableParallelism } from "node:os";
import { type Clock, SlipwayError } from "@slipway/base";
import type { TextInput } from "@slipway/protocol";
import type { LlamaEvent, LlamaJob, LlamaLoad, LlamaLoaded } from "../llama-messages.ts";
import { promptParts } from "../text/literal-text.ts";
import { StopScanner } from "../text/stop-scanner.ts";
import { TokenText } from "../text/token-text.ts";
import { probeToolStyle, type ToolStyle } from "../tools/tool-style.ts";
import { ChatTemplate } from "./chat-template.ts";
import type {
  EvaluateOptions,
  GrammarState,
  Llama,
  LlamaContext,
  LlamaEmbeddingContext,
  LlamaLibrary,
  LlamaModel,
  LlamaSequence,
} from "./llama-binding.ts";
import { StepBarrier, type StepMember } from "./step-barrier.ts";

/** Tokens of one step; between two steps a request can be taken back. */
const batchSize = 512;
/** As OpenAI has it, penalties look at the whole answer. */
const mostPunished = 4096;

/** Who asked, as far as a running request must know. */
export interface JobCaller {
  readonly cancelled: boolean;
  tell(event: LlamaEvent): void;
}

/** A loaded model in the process of the worker: its sequences, which each work on one request at a time. */
export class LlamaEngine {
  private readonly llama: Llama;
  private readonly library: LlamaLibrary;
  private readonly model: LlamaModel;
  private readonly embedding: LlamaEmbeddingContext | undefined;
  private readonly template: ChatTemplate | undefined;
  private readonly contextSize: number;
  private readonly idle: LlamaSequence[];
  private readonly waiting: ((sequence: LlamaSequence) => void)[] = [];
  private readonly longestToken: number;
  private readonly vocabulary: number;
  private readonly steps = new StepBarrier();
  /** Tokens of a prompt that one step takes, beside one token of every other sequence. */
  private readonly pieceSize: number;
  private style: ToolStyle | undefined = undefined;

  private constructor(parts: {
    llama: Llama;
    library: LlamaLibrary;
    model: LlamaModel;
    context: LlamaContext | undefined;
    embedding: LlamaEmbeddingContext | undefined;
    load: LlamaLoad;
    clock: Clock;
  }) {
    const { llama, library, model, context, embedding, load, clock } = parts;
    this.llama = llama;
    this.library = library;
    this.model = model;
    this.embedding = embedding;
    this.contextSize = context === undefined ? load.contextSize : Math.min(load.contextSize, context.contextSize);
    this.pieceSize = Math.max(1, batchSize - load.sequences);
    this.idle = context === undefined ? [] : Array.from({ length: load.sequences }, () => context.getSequence());
    const specials: string[] = [];
    let longest = 1;
    let count = 0;
    for (const token of model.iterateAllTokens()) {
      const text = model.detokenize([token], true);
      longest = Math.max(longest, Buffer.byteLength(text));
      count += 1;
      if (model.isSpecialToken(token)) specials.push(text);
    }
    this.longestToken = longest;
    this.vocabulary = count;
    const source = model.fileInfo.metadata.tokenizer?.chat_template;
    if (source === undefined || source === "" || context === undefined) this.template = undefined;
    else {
      const { bosString, eosString } = model.tokens;
      this.template = new ChatTemplate({
        library: load.templates,
        program: load.templateProgram,
        source,
        bos: bosString ?? "",
        eos: eosString ?? "",
        specials,
        clock,
      });
    }
  }

  /** Loads a model. Throws `invalid` with llama.cpp's reason when it cannot be. */
  static async load(load: LlamaLoad, clock: Clock, log: (level: string, message: string) => void): Promise<LlamaEngine> {
    const library = (await import(load.library)) as LlamaLibrary;
    const llama = await library.getLlama({
      gpu: false,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      maxThreads: Math.max(load.threads, availableParallelism()),
      logLevel: "warn",
      logger: log,
    });
    const model = await llama.loadModel({ modelPath: load.modelFile, gpuLayers: 0 });
    const { contextSize, sequences, threads } = load;
    const generates = load.task === "generate";
    const context = generates ? await model.createContext({ contextSize, sequences, batchSize, threads }) : undefined;
    const embedding = generates
      ? undefined
      : await model.createEmbeddingContext({ contextSize, batchSize: contextSize, threads });
    const engine = new LlamaEngine({ llama, library, model, context, embedding, load, clock });
    await engine.tryTemplate();
    return engine;
  }

  /** What its runner must know. */
  get loaded(): LlamaLoaded {
    return { chat: this.template !== undefined, tools: this.style, contextSize: this.contextSize };
  }

  /** Works on a job until it ends, or until its caller does not want it any more. Throws `badRequest` when it cannot be done. */
  async run(job: LlamaJob, caller: JobCaller): Promise<void> {
    const prompt = await this.promptOf(job);
    const room = this.contextSize - prompt.length;
    this.demandRoom(prompt.length, job.maxTokens ?? 1);
    const sequence = await this.take();
    try {
      await this.generate(sequence, prompt, { job, caller, most: Math.min(room, job.maxTokens ?? room) });
    } finally {
      // Nothing of one caller's request is left for the next one to be found by the time that it takes.
      await sequence.clearHistory();
      this.give(sequence);
    }
  }

  /** Makes embeddings, one after the other. */
  async embed(inputs: readonly TextInput[], caller: JobCaller): Promise<void> {
    const { embedding } = this;
    if (embedding === undefined) throw new SlipwayError("badRequest", "This model makes text, not embeddings.");
    const vectors: string[] = [];
    let tokens = 0;
    for (const input of inputs) {
      if (caller.cancelled) return;
      const list = this.tokensOf(input, "input");
      // The library adds the tokens of beginning and end where a model wants them.
      if (list.length + 2 > this.contextSize) throw this.tooLong("An input", list.length);
      tokens += list.length;
      const { vector } = await embedding.getEmbeddingFor(list);
      const length = Math.hypot(...vector) || 1;
      vectors.push(Buffer.from(Float32Array.from(vector, (value) => value / length).buffer).toString("base64"));
    }
    caller.tell({ vectors, tokens });
  }

  private async tryTemplate(): Promise<void> {
    const { template } = this;
    if (template === undefined) return;
    try {
      await template.render({ messages: [{ role: "user", content: "hello" }], tools: [], answer: true });
    } catch (error) {
      const { message } = SlipwayError.from(error);
      throw new SlipwayError("invalid", `The model cannot be used for chats: ${message}`, { cause: error });
    }
    this.style = await probeToolStyle(async (input) =>
      promptParts(await template.render(input))
        .map(({ text }) => text)
        .join(""),
    );
  }

  private async generate(
    sequence: LlamaSequence,
    prompt: readonly number[],
    { job, caller, most }: { readonly job: LlamaJob; readonly caller: JobCaller; readonly most: number },
  ): Promise<void> {
    const step = this.steps.join();
    try {
      await this.stepThrough(sequence, prompt, { job, caller, most }, step);
    } finally {
      step.leave();
    }
  }

  private async stepThrough(
    sequence: LlamaSequence,
    prompt: readonly number[],
    { job, caller, most }: { readonly job: LlamaJob; readonly caller: JobCaller; readonly most: number },
    step: StepMember,
  ): Promise<void> {
    // The last piece is left for the loop below, which makes the first token of the answer of it.
    let begun = 0;
    for (; begun + this.pieceSize < prompt.length; begun += this.pieceSize) {
      await step.arrive();
      if (caller.cancelled) return;
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(begun, begun + this.pieceSize));
    }
    const made: number[] = [];
    const grammar = await this.grammarOf(job);
    const text = new TokenText((tokens, before) => this.model.detokenize(tokens, job.special, before));
    const stops = new StopScanner(job.stop);
    let stopped = false;
    const say = (piece: string) => {
      grammar.see(piece);
      const out = stops.push(piece);
      stopped = out.stopped;
      if (out.text !== "") caller.tell({ text: out.text });
    };
    const tokens = sequence.evaluate(prompt.slice(begun), this.evaluateOptions(job, made, grammar.state));
    try {
      while (!stopped && made.length < most) {
        await step.arrive();
        if (caller.cancelled) return;
        const next = await tokens.next();
        if (next.done === true) break;
        made.push(next.value);
        say(text.push(next.value));
        await grammar.ready();
      }
    } finally {
      await tokens.return();
    }
    const ended = stopped || made.length < most;
    if (!stopped) say(text.rest());
    const rest = stopped ? "" : stops.rest();
    if (rest !== "") caller.tell({ text: rest });
    caller.tell({ end: ended ? "stop" : "length", promptTokens: prompt.length, completionTokens: made.length });
  }

  /** The grammar of a job: from the beginning, or from where the answer has come to a mark. */
  private async grammarOf({ grammar, later }: LlamaJob) {
    let state = grammar === undefined ? undefined : await this.grammarState(grammar);
    let seen = "";
    let begins = false;
    return {
      state: () => state,
      see: (piece: string) => {
        if (later === undefined || state !== undefined) return;
        seen = (seen + piece).slice(-later.after.length - 8);
        begins = seen.trimEnd().endsWith(later.after);
      },
      ready: async () => {
        if (begins && state === undefined) state = await this.grammarState(later!.grammar);
      },
    };
  }

  private async grammarState(text: string): Promise<GrammarState> {
    const grammar = await this.llama.createGrammar({ grammar: text });
    return new this.library.LlamaGrammarEvaluationState({ model: this.model, grammar });
  }

  private evaluateOptions(
    { sampling }: LlamaJob,
    made: readonly number[],
    state: () => GrammarState | undefined,
  ): EvaluateOptions {
    const { temperature, topP, seed, frequencyPenalty, presencePenalty, logitBias } = sampling;
    const punishes = frequencyPenalty !== 0 || presencePenalty !== 0;
    const bias = logitBias.length === 0 ? undefined : new this.library.TokenBias(this.model.tokenizer);
    for (const [token, logit] of logitBias) {
      if (token >= this.vocabulary)
        throw new SlipwayError("badRequest", `"logit_bias" has the token ${token}, and the model only ${this.vocabulary}.`);
      bias?.set(token, { logit });
    }
    return {
      temperature,
      topK: 0,
      topP,
      // llama.cpp's seeds have 32 bits.
      ...(seed === undefined ? {} : { seed: Number(BigInt.asUintN(32, BigInt(seed))) }),
      grammarEvaluationState: state,
      ...(punishes
        ? {
            repeatPenalty: {
              penalty: 1,
              frequencyPenalty,
              presencePenalty,
              maxPunishTokens: mostPunished,
              punishTokens: () => made.slice(-mostPunished),
            },
          }
        : {}),
      ...(bias === undefined ? {} : { tokenBias: bias }),
    };
  }

  private async promptOf({ prompt, prefill = "" }: LlamaJob): Promise<number[]> {
    if ("input" in prompt) return this.withBeginning(this.tokensOf(prompt.input, "prompt"));
    const { template, model } = this;
    if (template === undefined)
      throw new SlipwayError("badRequest", "This model has no chat template.", { hint: "Use /v1/completions." });
    const text = await template.render({ ...prompt, answer: true });
    this.demandPossible(text);
    const tokens = [...promptParts(text), { text: prefill, literal: false }].flatMap((part, index) =>
      model.tokenize(part.text, !part.literal, index === 0 ? undefined : "trimLeadingSpace"),
    );
    return this.withBeginning(tokens);
  }

  private tokensOf(input: TextInput, param: string): number[] {
    if (typeof input === "string") {
      this.demandPossible(input);
      return this.model.tokenize(input, false);
    }
    const wrong = input.find((token) => token >= this.vocabulary);
    if (wrong === undefined) return [...input];
    throw new SlipwayError("badRequest", `"${param}" has the token ${wrong}, and the model only ${this.vocabulary}.`);
  }

  /** Models that want a token at the beginning of every text get it once. */
  private withBeginning(tokens: number[]): number[] {
    const { bos, shouldPrependBosToken } = this.model.tokens;
    if (bos !== null && shouldPrependBosToken && tokens[0] !== bos) tokens.unshift(bos);
    if (tokens.length === 0) throw new SlipwayError("badRequest", "The prompt is empty.");
    return tokens;
  }

  /** Refuses what cannot fit, before time is spent on its tokens. */
  private demandPossible(text: string): void {
    const least = Math.floor(Buffer.byteLength(text) / this.longestToken);
    if (least > this.contextSize) throw this.tooLong("The prompt", least, "at least ");
  }

  private demandRoom(tokens: number, wanted: number): void {
    if (tokens + wanted <= this.contextSize) return;
    if (tokens >= this.contextSize) throw this.tooLong("The prompt", tokens);
    throw this.tooLong(`The prompt, with the ${wanted} tokens that are asked for,`, tokens + wanted);
  }

  private tooLong(what: string, tokens: number, least = ""): SlipwayError {
    const message = `${what} has ${least}${tokens} tokens; the context of this model has ${this.contextSize}.`;
    return new SlipwayError("badRequest", message, {
      hint: "Send less, ask for fewer tokens, or raise the parameter contextSize. Nothing is cut off.",
      problems: [{ path: "messages", message, reason: "FieldValueInvalid" }],
    });
  }

  private async take(): Promise<LlamaSequence> {
    return this.idle.pop() ?? (await new Promise<LlamaSequence>((resolve) => this.waiting.push(resolve)));
  }

  private give(sequence: LlamaSequence): void {
    const next = this.waiting.shift();
    if (next === undefined) this.idle.push(sequence);
    else next(sequence);
  }
}
