/** How far one prediction is from another. */
export interface Distance {
  /** Kullback-Leibler divergence in nats: of what is expected, from what is found. */
  divergence: number;
  /** Both have the same token as the most likely one. */
  isSameToken: boolean;
}

/** How far log-probabilities are from those that the expected logits stand for. */
export function divergenceOf(expected: Float32Array, found: Float32Array): Distance {
  let [top, foundTop] = [0, 0];
  for (let token = 1; token < expected.length; token++) {
    if (expected[token]! > expected[top]!) top = token;
    if (found[token]! > found[foundTop]!) foundTop = token;
  }
  const most = expected[top]!;
  let sum = 0;
  for (const logit of expected) sum += Math.exp(logit - most);
  const whole = most + Math.log(sum);
  let divergence = 0;
  for (let token = 0; token < expected.length; token++) {
    const log = expected[token]! - whole;
    // What never comes adds nothing, and would be infinity times nothing. What is no number is kept.
    if (!(log < -100)) divergence += Math.exp(log) * (log - found[token]!);
  }
  return { divergence, isSameToken: top === foundTop };
}
