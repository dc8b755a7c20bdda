import { UserError } from '../../base/userError.ts';

interface Piece {
  index: number;
  id?: string;
  function: { name?: string; arguments?: string };
}

/** The calls of tools in a streamed answer. Models of this machine send each in one piece, other servers their arguments letter by letter. */
export class ToolCalls {
  private readonly calls = new Map<number, { id: string; name: string; text: string }>();

  add(pieces: readonly Piece[]): void {
    for (const { index, id, function: called } of pieces) {
      const call = this.calls.get(index) ?? { id: '', name: '', text: '' };
      this.calls.set(index, {
        id: call.id || (id ?? ''),
        name: call.name || (called.name ?? ''),
        text: call.text + (called.arguments ?? ''),
      });
    }
  }

  /** Throws when the arguments of one are no JSON object. */
  all(): { id: string; name: string; input: object }[] {
    return [...this.calls.values()].map(({ id, name, text }) => ({ id, name, input: objectOf(name, text || '{}') }));
  }
}

function objectOf(name: string, text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new UserError('RemoteError', `The model called the tool ${name} with arguments that are no JSON object: ${text.slice(0, 200)}`);
}
