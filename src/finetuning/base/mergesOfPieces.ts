/**
 * Which tokens are joined to which, the first ones first: SentencePiece joins the two neighbours whose sum has the best score, so each way to put a token together
 * comes in the order of the scores. Of ways with the same score those of longer tokens come first.
 */
export function mergesOfPieces(tokens: readonly string[], scores: readonly number[]): [left: string, right: string][] {
  const numbers = new Map(tokens.map((token, number) => [token, number]));
  const ways: { left: string; right: string; score: number; order: number }[] = [];
  tokens.forEach((token, number) => {
    const letters = [...token];
    let left = '';
    for (const letter of letters.slice(0, -1)) {
      left += letter;
      const right = token.slice(left.length);
      if (numbers.has(left) && numbers.has(right)) ways.push({ left, right, score: scores[number]!, order: ways.length });
    }
  });
  return ways
    .sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length || a.order - b.order)
    .map(({ left, right }) => [left, right]);
}
