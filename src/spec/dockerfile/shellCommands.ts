/** A command of a shell's text: its words, and the file that its output goes to. */
export interface ShellCommand {
  words: string[];
  output: string | undefined;
}

type Variables = Readonly<Record<string, string>>;

/** The words of a list such as that of COPY, as a shell splits them: without quotes, variables replaced. */
export const wordsOf = (text: string, variables: Variables): string[] =>
  commandsOf(text.replace(/[;&|<>()]/g, '\\$&'), variables)![0]?.words ?? [];

/** Reads commands that follow each other (`&&`, `;`); undefined for text that does more, such as pipes, choices and loops. */
export function commandsOf(text: string, variables: Variables): ShellCommand[] | undefined {
  const commands: ShellCommand[] = [{ words: [], output: undefined }];
  let word: string | undefined;
  let isOutput = false;
  const endWord = () => {
    const command = commands.at(-1)!;
    if (word === undefined) return;
    if (isOutput) command.output = word;
    else command.words.push(word);
    isOutput = false;
    word = undefined;
  };
  for (let rest = text; rest !== ''; ) {
    const taken = /^(?:\s+|&&|;|2>&1|\d?>>?|'[^']*'|"(?:\\.|[^"\\])*"|\\.|\$\{[^}]*\}|\$\w+|[^\s'"\\$&;|<>()`]+|\$)/s.exec(rest)?.[0];
    if (taken === undefined) return undefined;
    rest = rest.slice(taken.length);
    if (/^\s/.test(taken)) endWord();
    else if (taken === '&&' || taken === ';') {
      endWord();
      commands.push({ words: [], output: undefined });
    } else if (taken === '2>&1') endWord();
    else if (/^\d?>/.test(taken)) {
      endWord();
      isOutput = true;
    } else if (taken.startsWith("'")) word = (word ?? '') + taken.slice(1, -1);
    else if (taken.startsWith('"')) {
      if (/\$\(|`/.test(taken)) return undefined;
      word = (word ?? '') + filled(taken.slice(1, -1).replace(/\\(["\\$`])/g, '$1'), variables);
    } else if (taken.startsWith('\\')) word = (word ?? '') + taken.slice(1);
    else word = (word ?? '') + filled(taken, variables);
  }
  endWord();
  return commands.filter(({ words }) => words.length > 0);
}

/** Text with `$NAME`, `${NAME}` and `${NAME:-other}` replaced. */
export const filled = (text: string, variables: Variables): string =>
  text.replace(
    /\$(?:(\w+)|\{(\w+)(?::?-([^}]*))?\})/g,
    (_all, plain: string | undefined, braced: string | undefined, other = '') => variables[plain ?? braced!] || other,
  );
