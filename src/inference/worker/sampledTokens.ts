import { UserError } from '../../base/userError.ts';
import type { TokenProbability } from '../chat.ts';
import type { Llama, Model, Sampler, Sequence, Token } from './nodeLlamaCpp.ts';

/** A token that was sampled. */
interface Sampled {
  token: Token;
  probability: TokenProbability;
}

/** Tokens that a token's text is read behind: some vocabularies leave out the space in front of the first. */
const trailLength = 4;

/**
 * Tells how likely the tokens of an answer were, and which others would have been. The engine's own interface for answers does not tell this. So its step from one
 * token to the next is wrapped: the logits of the step are read by a second sampler, which changes nothing. They are those of the model itself, before temperature, `top_p`, penalties and grammar.
 */
export class SampledTokens {
  private readonly model: Model;
  private readonly sampler: Sampler;
  private readonly alternatives: number;
  private readonly trail: Token[] = [];
  private waiting: Sampled[] = [];

  private constructor(llama: Llama, model: Model, alternatives: number) {
    this.model = model;
    this.sampler = new llama._bindings!.AddonSampler(model._model!);
    this.sampler.applyConfig({ temperature: 0 });
    this.alternatives = alternatives;
  }

  /** While the work goes on, tokens that are sampled in the sequence are listened to; `alternatives` is how many others are told of each. */
  static async during<T>(
    { llama, model, sequence, alternatives }: { llama: Llama; model: Model; sequence: Sequence; alternatives: number },
    work: (sampled: SampledTokens) => Promise<T>,
  ): Promise<T> {
    const context = sequence.context;
    const decode = sequence._decodeTokens;
    const sample = context._ctx?.sampleToken;
    if (!decode || !sample || !llama._bindings || !model._model)
      throw new UserError('NotImplemented', 'logprobs: The engine that is installed does not tell the probabilities of tokens.');
    const sampled = new SampledTokens(llama, model, alternatives);
    sequence._decodeTokens = function (...given) {
      const [tokens, logits, priority, meter, shift, onLogits, ...others] = given;
      const listened: typeof onLogits = async (row, at) => {
        const made = await onLogits(row, at);
        const token = Array.isArray(made) ? made[0] : made;
        if (typeof token === 'number' && token >= 0) {
          const filter = [[token], false, false, true, alternatives] as const;
          const [, , , values, weight] = await sample.call(context._ctx, row, sampled.sampler, false, false, filter, true);
          sampled.add(token, values!, weight!);
        }
        return made;
      };
      return decode.call(this, tokens, logits, priority, meter, shift, listened, ...others);
    };
    try {
      return await work(sampled);
    } finally {
      // The one of its class is there again.
      delete sequence._decodeTokens;
      sampled.sampler.dispose();
    }
  }

  /**
   * Of a piece of the answer: what is known of its tokens. Tokens that were passed over, as those of a call of a tool, are forgotten. Where a stop text ends the answer within a token, the engine divides that
   * token anew, and nothing is known of its parts.
   */
  of(tokens: readonly Token[]): TokenProbability[] {
    const known: TokenProbability[] = [];
    for (const token of tokens) {
      const at = this.waiting.findIndex((each) => each.token === token);
      if (at < 0) continue;
      known.push(this.waiting[at]!.probability);
      this.waiting = this.waiting.slice(at + 1);
    }
    return known;
  }

  /** `values`: a token and its number in turn; `weight`: the sum over all tokens of e to the power of how far each is below the highest. */
  private add(token: Token, values: readonly number[], weight: number): void {
    const logits = new Map<Token, number>();
    for (let at = 0; at + 1 < values.length; at += 2) logits.set(values[at]!, values[at + 1]!);
    const sorted = [...logits].sort(([, a], [, b]) => b - a);
    const whole = sorted[0]![1] + Math.log(weight);
    const told = (each: Token, logit: number) => ({ text: this.textOf(each), logProbability: logit - whole });
    this.waiting.push({
      token,
      probability: {
        ...told(token, logits.get(token)!),
        alternatives: sorted.slice(0, this.alternatives).map(([each, logit]) => told(each, logit)),
      },
    });
    this.trail.push(token);
    if (this.trail.length > trailLength) this.trail.shift();
  }

  private readonly textOf = (token: Token): string => this.model.detokenize([token], true, this.trail);
}
