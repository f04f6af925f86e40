// What of `node-llama-cpp` 3 is used. The library is installed when a model first needs it, so its own types are not at hand.

/** The state of a grammar in the course of an answer. */
export type GrammarState = object;

/** How tokens are chosen. */
export interface EvaluateOptions {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly seed?: number;
  readonly grammarEvaluationState?: () => GrammarState | undefined;
  readonly repeatPenalty?: {
    readonly penalty: number;
    readonly frequencyPenalty: number;
    readonly presencePenalty: number;
    readonly maxPunishTokens: number;
    readonly punishTokens: () => readonly number[];
  };
  readonly tokenBias?: TokenBias;
}

/** One of the texts that a context works on at the same time. */
export interface LlamaSequence {
  readonly nextTokenIndex: number;
  evaluate(tokens: readonly number[], options: EvaluateOptions): AsyncGenerator<number, void, undefined>;
  evaluateWithoutGeneratingNewTokens(tokens: readonly number[]): Promise<void>;
  clearHistory(): Promise<void>;
}

export interface LlamaContext {
  readonly contextSize: number;
  getSequence(): LlamaSequence;
}

export interface LlamaEmbeddingContext {
  getEmbeddingFor(input: readonly number[]): Promise<{ readonly vector: readonly number[] }>;
}

export interface TokenBias {
  set(token: number, bias: { readonly logit: number }): TokenBias;
}

export interface LlamaModel {
  readonly tokens: {
    readonly bos: number | null;
    readonly bosString: string | null;
    readonly eosString: string | null;
    readonly shouldPrependBosToken: boolean;
  };
  readonly tokenizer: unknown;
  readonly fileInfo: { readonly metadata: { readonly tokenizer?: { readonly chat_template?: string } } };
  tokenize(text: string, special: boolean, options?: "trimLeadingSpace"): number[];
  detokenize(tokens: readonly number[], special: boolean, before?: readonly number[]): string;
  isSpecialToken(token: number): boolean;
  iterateAllTokens(): Iterable<number>;
  createContext(options: {
    readonly contextSize: number;
    readonly sequences: number;
    readonly batchSize: number;
    readonly threads: number;
  }): Promise<LlamaContext>;
  createEmbeddingContext(options: {
    readonly contextSize: number;
    readonly batchSize: number;
    readonly threads: number;
  }): Promise<LlamaEmbeddingContext>;
}

export interface Llama {
  loadModel(options: { readonly modelPath: string; readonly gpuLayers: number }): Promise<LlamaModel>;
  createGrammar(options: { readonly grammar: string }): Promise<object>;
}

/** The library's entry. */
export interface LlamaLibrary {
  getLlama(options: {
    readonly gpu: false;
    readonly build: "never";
    readonly skipDownload: true;
    readonly progressLogs: false;
    readonly maxThreads: number;
    readonly logLevel: "warn";
    readonly logger: (level: string, message: string) => void;
  }): Promise<Llama>;
  readonly LlamaGrammarEvaluationState: new (options: { readonly model: LlamaModel; readonly grammar: object }) => GrammarState;
  readonly TokenBias: new (tokenizer: unknown) => TokenBias;
}
