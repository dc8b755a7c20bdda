/**
 * Splits requests between deployments by weight (smooth weighted round robin). Nothing is random: with 90 and 10 percent, exactly 90 and 10 of 100 requests go to the two deployments, evenly
 * mixed.
 */
export class TrafficSplit {
  private readonly credit = new Map<string, number>();

  /** The deployment whose turn it is; undefined when none has weight. `total` above the sum of the weights leaves the rest of the turns to nobody. */
  next(weights: Readonly<Record<string, number>>, total = 0): string | undefined {
    const entries = Object.entries(weights).filter(([, weight]) => weight > 0);
    for (const name of this.credit.keys()) if (!(weights[name]! > 0) && name !== '') this.credit.delete(name);
    const sum = entries.reduce((before, [, weight]) => before + weight, 0);
    if (sum === 0) return undefined;
    if (total > sum) entries.push(['', total - sum]);
    let best = '';
    let most = Number.NEGATIVE_INFINITY;
    for (const [name, weight] of entries) {
      const credit = (this.credit.get(name) ?? 0) + weight;
      this.credit.set(name, credit);
      if (credit > most) [best, most] = [name, credit];
    }
    this.credit.set(best, most - Math.max(sum, total));
    return best || undefined;
  }
}
