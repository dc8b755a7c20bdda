import { readFileSync } from 'node:fs';
import path from 'node:path';
import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { UserError } from '../base/userError.ts';
import type { ServeOptions } from '../server/config.ts';

type Reader = (node: unknown, at: string) => unknown;

/**
 * What `updraft serve --config FILE` is told: each key is an option of the same name. Secrets are not among them: a file such as this one is shown to others, and kept in git.
 */
export function readServeFile(file: string): ServeOptions {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(
      'MissingFile',
      `The configuration ${file} can't be read (${(error as NodeJS.ErrnoException).code ?? 'no file'}).`,
      'Give a file that is there, and that this user may read.',
    );
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const fail = (node: unknown, message: string, hint: string): never => {
    const range = (node as Node | null)?.range;
    throw new UserError('InvalidValue', message, hint, { file, line: range ? lines.linePos(range[0]).line : 1 });
  };
  const [broken] = document.errors;
  if (broken)
    throw new UserError('YamlSyntax', broken.message.split('\n')[0]!, 'Correct the YAML.', {
      file,
      line: lines.linePos(broken.pos[0]).line,
    });

  const word: Reader = (node, at) => {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'string' || value.trim() === '') fail(node, `"${at}" is no text.`, `Write it as ${at}: TEXT.`);
    return value;
  };
  const whole: Reader = (node, at) => {
    const value = isScalar(node) ? node.value : undefined;
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > 65535)
      fail(node, `"${at}" is no port.`, `Write it as ${at}: 8700.`);
    return value;
  };
  const days: Reader = (node, at) => {
    const value = isScalar(node) ? node.value : undefined;
    if (!Number.isInteger(value) || (value as number) < 0) fail(node, `"${at}" is no number of days.`, `Write it as ${at}: 365.`);
    return value;
  };
  const truth: Reader = (node, at) => {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value !== 'boolean') fail(node, `"${at}" is neither true nor false.`, `Write it as ${at}: true.`);
    return value;
  };
  const words: Reader = (node, at) => {
    if (!isSeq(node)) return fail(node, `"${at}" is no list.`, `Write it as ${at}: [ONE, ANOTHER].`);
    return node.items.map((each) => word(each, at));
  };
  /** Relative to this file. */
  const place: Reader = (node, at) => path.resolve(path.dirname(file), word(node, at) as string);
  const database: Reader = (node, at) => {
    const value = word(node, at) as string;
    if (URL.canParse(value) && new URL(value).password)
      fail(node, `"${at}" has a password in it.`, 'Leave it out here, and set PGPASSWORD; or leave out the key, and set UPDRAFT_DATABASE.');
    return value;
  };
  const fields = (readers: Record<string, Reader>): Reader => {
    return (node, at) => {
      if (!isMap(node))
        return fail(node, `${at === '' ? 'The configuration' : `"${at}"`} is no map of keys.`, 'Write KEY: VALUE, one a line.');
      return Object.fromEntries(
        (node as YAMLMap).items.map(({ key, value }) => {
          const name = String(isScalar(key) ? key.value : '');
          const full = at === '' ? name : `${at}.${name}`;
          const reader = Object.hasOwn(readers, name) ? readers[name] : undefined;
          if (!reader) return fail(key, ...unknown(name, full, Object.keys(readers)));
          return [name, reader(value, full)];
        }),
      );
    };
  };
  const read = fields({
    publicUrl: word,
    port: whole,
    listenAll: truth,
    serverUrl: word,
    tokenFile: place,
    secretsKeyFile: place,
    auditDays: days,
    logFormat: word,
    otlpEndpoint: word,
    allowHooksTo: words,
    smtp: fields({ host: word, port: whole, user: word, passwordFile: place, from: word }),
    database,
    blobs: word,
    signIn: fields({
      issuer: word,
      clientId: word,
      clientSecretFile: place,
      scopes: words,
      groupsClaim: word,
      allowed: fields({ domains: words, groups: words }),
      name: word,
    }),
  });
  if (document.contents === null) return {};
  const { signIn, ...rest } = read(document.contents, '') as ServeOptions & {
    signIn?: Record<string, unknown> & { allowed?: { domains?: string[]; groups?: string[] }; name?: string };
  };
  if (signIn === undefined) return rest;
  const { allowed, name, ...provider } = signIn;
  return {
    ...rest,
    signIn: {
      ...provider,
      ...(allowed?.domains ? { allowedDomains: allowed.domains } : {}),
      ...(allowed?.groups ? { allowedGroups: allowed.groups } : {}),
      ...(name === undefined ? {} : { providerName: name }),
    },
  };
}

function unknown(name: string, full: string, known: string[]): [message: string, hint: string] {
  if (/secret|password|token/i.test(name))
    return [
      `"${full}" would have a secret in this file.`,
      'Put it into a file of its own, and name that: signIn.clientSecretFile (or set UPDRAFT_CLIENT_SECRET), or smtp.passwordFile.',
    ];
  const close = nearest(name, known);
  return [`There is no key "${full}".`, close ? `Did you mean "${close}"?` : `There are: ${known.join(', ')}.`];
}
