// Whether an action, such as `Microsoft.MachineLearningServices/workspaces/computes/read`, is one that a pattern of a role speaks of. `*` stands for any text, slashes too. Between two
// slashes it also stands for nothing at all: `computes/*/write` speaks of `computes/write`. The case is ignored.
export function matchesAction(pattern: string, action: string): boolean {
  // With each slash written twice, "between two slashes" may be empty: only those beside a star are written once.
  const pieces = pattern
    .toLowerCase()
    .replaceAll(/\/(?!\*\/)/g, '//')
    .replaceAll('*//', '*/')
    .split('*');
  const text = action.toLowerCase().replaceAll('/', '//');
  if (pieces.length === 1) return text === pieces[0];
  const [first, last] = [pieces[0]!, pieces.at(-1)!];
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  // The first place where each piece fits leaves the most room for those after it, so that no other has to be tried.
  let at = first.length;
  const end = text.length - last.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = text.indexOf(piece, at);
    if (found < 0 || found + piece.length > end) return false;
    at = found + piece.length;
  }
  return true;
}
