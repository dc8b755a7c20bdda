import { Composer, type Document, Lexer, Parser } from 'yaml';

/** What of the package's lexer decides where a text of several lines ends; it has no option for it. */
interface Inside {
  buffer: string;
  pos: number;
  indentNext: number;
  continueScalar(offset: number): number;
}

/** The document of a text whose quoted values go on further left than YAML 1.2 allows: Azure's client, which reads YAML 1.1, takes such files. */
export function parseOlder(text: string): Document | undefined {
  const parser = new Parser();
  const lexer = new Lexer();
  const inside = lexer as unknown as Inside;
  const continueScalar = inside.continueScalar.bind(lexer);
  inside.continueScalar = (offset) => {
    const quote = inside.buffer[inside.pos];
    const { indentNext } = inside;
    if (quote === '"' || quote === "'") inside.indentNext = 0;
    const found = continueScalar(offset);
    inside.indentNext = indentNext;
    return found;
  };
  (parser as unknown as { lexer: Lexer }).lexer = lexer;
  const composer = new Composer({ uniqueKeys: false, logLevel: 'silent' });
  return [...composer.compose(parser.parse(text), true, text.length)][0] as Document | undefined;
}
