import { plural } from '../../base/text.ts';

/** Reads from the lines of uv and pip how far an installation is. */
export class InstallProgress {
  private total: number | undefined;
  private got = 0;
  /** What is being downloaded or built, with its size where that is told. */
  private readonly underWay = new Map<string, string>();

  /** `asked`: how many packages were asked for; with those that they need it is known later. */
  constructor(asked: number) {
    this.total = asked;
  }

  /** What there is to say after a line; undefined when it tells nothing. */
  read(line: string): string | undefined {
    const uv = this.readUv(line);
    if (uv !== undefined) return uv;
    const collected = /^Collecting (\S+)/.exec(line)?.[1];
    if (collected) {
      this.total = undefined;
      this.got++;
      return `Getting packages: ${this.got} so far, now ${nameOf(collected)}`;
    }
    const built = /^\s*Building wheel for (\S+).*: started/.exec(line)?.[1];
    if (built) return `Building ${built}`;
    const installed = /^Installing collected packages: (.+)/.exec(line)?.[1];
    return installed === undefined ? undefined : `Installing ${plural(installed.split(',').length, 'package')}`;
  }

  private readUv(line: string): string | undefined {
    const resolved = /^Resolved (\d+) packages?\b/.exec(line)?.[1];
    const prepared = /^Prepared (\d+) packages?\b/.exec(line)?.[1];
    if (resolved) this.total = Number(resolved);
    if (resolved) return `Installing ${plural(Number(resolved), 'package')}`;
    if (prepared) return `Installing ${plural(this.total ?? Number(prepared), 'package')}: all are here`;
    const [, word, name = '', size = ''] = /^\s*(Downloading|Building|Downloaded|Built) (\S+)(?: \(([^)]+)\))?$/.exec(line) ?? [];
    // pip's lines of this kind name files.
    if (!word || /\.(?:whl|gz|zip)$/.test(name)) return undefined;
    if (word === 'Downloading' || word === 'Building') this.underWay.set(name, size ? `${name} (${size})` : name);
    else if (this.underWay.delete(name)) this.got++;
    const most = this.got + this.underWay.size;
    const now = [...this.underWay.values()].slice(0, 3).join(', ');
    return `Installing ${plural(this.total ?? most, 'package')}: ${this.got} of ${plural(most, 'download')} done${now ? `, now ${now}${this.underWay.size > 3 ? ', …' : ''}` : ''}`;
  }
}

const nameOf = (requirement: string): string => /^[\w.-]+/.exec(requirement)?.[0] ?? requirement;
