import { UserError } from '../../base/userError.ts';
import { computeNamesFor } from './projectConfig.ts';
import { type Target, targetName } from './target.ts';

/** What a compute of a file is on the target; `there` is undefined where nobody has said so, or it is not there. */
export interface ComputeUse {
  here: string;
  there: string | undefined;
}

/** Names that mean no compute of a workspace: any plane takes them. */
const builtIn: ReadonlySet<string> = new Set(['local', 'serverless']);

/** Finds for each compute that a file names the one of the target. */
export class Computes {
  /** Those that were asked for. */
  readonly uses = new Map<string, ComputeUse>();
  /** Names of the computes there. */
  readonly present: readonly string[];
  private readonly names: Readonly<Record<string, string>>;

  private constructor(present: readonly string[], names: Readonly<Record<string, string>>) {
    this.present = present;
    this.names = names;
  }

  static async of(target: Target, file: string): Promise<Computes> {
    const kept = computeNamesFor(file);
    const { client, plane } = target;
    const present = (await client.listComputes()).value.map(({ name }) => name);
    return new Computes(present, { ...kept[client.http.url], ...kept[plane] });
  }

  /** What it is called there; as here, where that is not known. */
  nameThere(here: string): string {
    if (builtIn.has(here.toLowerCase()) || here.startsWith('/')) return here;
    const wanted = this.names[here] ?? here;
    // A plane without a compute of its own runs all jobs itself, whatever they name.
    if (this.present.length === 0 || builtIn.has(wanted.toLowerCase())) {
      this.uses.set(here, { here, there: wanted });
      return wanted;
    }
    const there = this.present.find((each) => each.toLowerCase() === wanted.toLowerCase());
    this.uses.set(here, { here, there });
    return there ?? wanted;
  }

  /** Throws `NoCompute` for a name that no job could be given there. */
  mustBeThere(name: string, target: Target): void {
    const isThere = builtIn.has(name.toLowerCase()) || this.present.some((each) => each.toLowerCase() === name.toLowerCase());
    if (this.present.length === 0 || isThere) return;
    throw new UserError('NoCompute', `${targetName(target)} has no compute "${name}".`, `It has ${this.present.slice(0, 8).join(', ')}.`);
  }

  /** What is wrong with a compute that was asked for. */
  problems(target: Target): UserError[] {
    return [...this.uses.values()]
      .filter(({ there }) => there === undefined)
      .map(({ here }) => {
        const named = this.names[here];
        return new UserError(
          'NoCompute',
          named === undefined
            ? `${targetName(target)} has no compute "${here}".`
            : `${targetName(target)} has no compute "${named}", which .updraft/config.yml names for "${here}".`,
          `It has ${this.present.slice(0, 8).join(', ')}. Say which one to take: --map-compute ${here}=${this.present[0]}, or "computes: { ${target.plane}: { ${here}: ${this.present[0]} } }" in .updraft/config.yml.`,
        );
      });
  }
}
