import { UserError } from '../../base/userError.ts';
import { packageOf } from '../pipLine.ts';
import { type Copy, copiedPaths } from './copies.ts';
import { imagePath } from './imagePath.ts';
import { type Installs, installBy, type Sources } from './installs.ts';
import { type Instruction, instructionsOf } from './instructions.ts';
import { jsonWords } from './jsonWords.ts';
import { pythonImage } from './pythonImages.ts';
import { Refused } from './refused.ts';
import { commandsOf, filled, wordsOf } from './shellCommands.ts';

/** A folder of files beside a Dockerfile. Paths are relative to it. */
export interface BuildContext {
  readText(path: string): string | undefined;
  /** How a line for pip names what lies there. */
  address(path: string): string;
}

/** What a Dockerfile makes of an image that has Python, in the words of pip. */
export interface DockerfilePlan {
  image: string;
  python: string | undefined;
  packages: string[];
  /** What it sets for every process. */
  variables: Record<string, string>;
}

/** What of a Dockerfile can't be done without an image. */
export interface DockerfileRefusal {
  line: number;
  /** The instruction by its name, a command with its first words: `RUN apt-get update`. */
  instruction: string;
  why: string;
}

/** What a person is told of a refusal, wherever it comes up. */
export const refusalText = ({ line, instruction, why }: DockerfileRefusal): string => `line ${line}, ${instruction}: ${why}`;

/** Variables that mean places inside of the image. */
const ofTheImage = new Set([
  'PATH',
  'LD_LIBRARY_PATH',
  'HOME',
  'VIRTUAL_ENV',
  'PYTHONHOME',
  'CONDA_PREFIX',
  'AZUREML_CONDA_ENVIRONMENT_PATH',
]);
/** Instructions that change nothing for a command of a job. */
const withoutEffect = new Set(['LABEL', 'MAINTAINER', 'EXPOSE', 'USER', 'SHELL', 'STOPSIGNAL', 'HEALTHCHECK', 'CMD', 'ENTRYPOINT']);

/** Reads a Dockerfile that does nothing but add packages to an image with Python, or says what else it does first. */
export function readDockerfile(text: string, context: BuildContext): { plan: DockerfilePlan } | { refusal: DockerfileRefusal } {
  const reading = new Reading(context);
  for (const each of instructionsOf(text)) {
    try {
      reading.take(each);
    } catch (error) {
      if (!(error instanceof Refused) && !(error instanceof UserError)) throw error;
      return { refusal: { line: each.line, instruction: nameOf(each), why: error.message } };
    }
  }
  return reading.end();
}

const nameOf = ({ name, rest }: Instruction): string => {
  const [first = '', second = ''] = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
  return name === 'RUN' ? `RUN ${first} ${second}`.trim() : `${name} ${first}`.trim();
};

class Reading {
  private readonly context: BuildContext;
  private image: string | undefined;
  private readonly args: Record<string, string> = {};
  private readonly variables: Record<string, string> = {};
  private folder = '/';
  private readonly copies: Copy[] = [];
  private readonly installs: Installs = { python: undefined, packages: [] };

  constructor(context: BuildContext) {
    this.context = context;
  }

  take(instruction: Instruction): void {
    const { name, rest, line } = instruction;
    const known = { ...this.args, ...this.variables };
    if (/<<-?\w/.test(rest)) throw new Refused('text that goes on over lines (<<) is not read.');
    if (name !== 'ARG' && name !== 'FROM' && this.image === undefined) throw new Refused('it comes before FROM.');
    switch (name) {
      case 'ARG':
        for (const each of wordsOf(rest, known)) {
          const [key, value = ''] = each.split(/=(.*)/s) as [string, string?];
          this.args[key] ??= value;
        }
        return;
      case 'FROM':
        return this.from(filled(rest, known));
      case 'ENV':
        Object.assign(this.variables, variablesIn(rest, known));
        return;
      case 'WORKDIR':
        this.folder = imagePath(this.folder, filled(rest, known));
        return;
      case 'COPY':
      case 'ADD':
        this.copies.push(...copiedPaths(rest, line, known, this.folder));
        return;
      case 'RUN':
        return this.run(rest, known);
      default:
        if (!withoutEffect.has(name)) throw new Refused('it has no meaning without an image.');
    }
  }

  end(): { plan: DockerfilePlan } | { refusal: DockerfileRefusal } {
    if (this.image === undefined) return { refusal: { line: 1, instruction: 'FROM', why: 'it is missing.' } };
    const idle = this.copies.find(({ isUsed }) => !isUsed);
    if (idle)
      return {
        refusal: {
          line: idle.line,
          instruction: `COPY ${idle.source}`,
          why: 'no installation reads it, and a command would not find it without an image. Files that a command needs belong to its code.',
        },
      };
    const { PIP_INDEX_URL: index, PIP_EXTRA_INDEX_URL: extra } = { ...this.args, ...this.variables };
    const indexes = [...(index ? [`--index-url ${index}`] : []), ...(extra ? [`--extra-index-url ${extra}`] : [])];
    return {
      plan: {
        image: this.image,
        python: this.installs.python ?? pythonImage(this.image)?.version,
        packages: [...indexes, ...lastOfEach(this.installs.packages)],
        variables: Object.fromEntries(Object.entries(this.variables).filter(([name]) => !ofTheImage.has(name))),
      },
    };
  }

  private from(rest: string): void {
    if (this.image !== undefined) throw new Refused('a second image is not built here.');
    const image = rest.replace(/--platform=\S+\s*/, '').split(/\s+/)[0]!;
    if (!pythonImage(image)) throw new Refused('it is not known as an image that has Python and nothing else.');
    this.image = image;
  }

  private run(text: string, known: Record<string, string>): void {
    const command = text.replace(/^(?:--\w+(?:=\S+)?\s+)+/, '');
    const plain = command.startsWith('[') ? execForm(command) : command;
    let folder = this.folder;
    const commands = commandsOf(plain, known);
    if (!commands) throw new Refused('only single commands joined by "&&" or ";" are read.');
    for (const { words, output } of commands) {
      if (words[0] === 'cd') folder = imagePath(folder, words[1] ?? '/');
      else installBy(words, output, this.installs, this.sources(folder));
    }
  }

  /** The files of the context as a command in the image sees them. */
  private sources(folder: string): Sources {
    const places = (path: string): string[] => {
      const full = imagePath(folder, path);
      const found = this.copies.toReversed().map((copy) => ({ copy, paths: copy.sourcesOf(full) }));
      for (const { copy, paths } of found) if (paths.length > 0) copy.use();
      return found.flatMap(({ paths }) => paths);
    };
    return {
      readText: (path) => {
        for (const each of places(path)) {
          const text = this.context.readText(each);
          if (text !== undefined) return text;
        }
        return undefined;
      },
      address: (path) => {
        const [place] = places(path);
        return place === undefined ? undefined : this.context.address(place);
      },
    };
  }
}

/** `ENV A=b C="d e"`, and the older `ENV A b`. */
function variablesIn(rest: string, known: Record<string, string>): Record<string, string> {
  if (!/^\w+=/.test(rest)) {
    const [, name = '', value = ''] = /^(\S+)\s+(.*)$/s.exec(rest) ?? [];
    return { [name]: filled(value, known) };
  }
  return Object.fromEntries(wordsOf(rest, known).map((each) => each.split(/=(.*)/s).slice(0, 2) as [string, string]));
}

function execForm(text: string): string {
  const words = jsonWords(text);
  if (/^(?:.*\/)?(?:ba)?sh$/.test(words[0] ?? '') && /^-\w*c$/.test(words[1] ?? '')) return words[2] ?? '';
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
}

/** What is installed again later is what counts. pip, setuptools and wheel are there anyway. */
function lastOfEach(lines: string[]): string[] {
  const lastOf = new Map(lines.map((line, index) => [packageOf(line) ?? line, index]));
  return lines.filter((line, index) => lastOf.get(packageOf(line) ?? line) === index && !['pip', 'setuptools', 'wheel'].includes(line));
}
