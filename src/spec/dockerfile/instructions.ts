export interface Instruction {
  /** In capitals: `RUN`. */
  name: string;
  rest: string;
  /** Where it begins, from 1. */
  line: number;
}

/** The instructions of a Dockerfile, each as one line, without comments. */
export function instructionsOf(text: string): Instruction[] {
  const result: Instruction[] = [];
  let open: { text: string; line: number } | undefined;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    // Comments and empty lines do not end an instruction that goes on.
    if (/^\s*(?:#.*)?$/.test(raw)) continue;
    const goesOn = /\\\s*$/.test(raw);
    const part = goesOn ? raw.replace(/\\\s*$/, '') : raw;
    open = { text: `${open ? `${open.text} ` : ''}${part.trim()}`, line: open?.line ?? index + 1 };
    if (goesOn) continue;
    result.push(instructionOf(open.text, open.line));
    open = undefined;
  }
  if (open) result.push(instructionOf(open.text, open.line));
  return result;
}

function instructionOf(text: string, line: number): Instruction {
  const [, name = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(text.trim()) ?? [];
  return { name: name.toUpperCase(), rest: rest.trim(), line };
}
