import { createHash } from 'node:crypto';

/** Most bytes of a name on the disk: file systems allow 255, and temporary files and packers add some. */
const mostBytes = 180;

/** Names that Windows takes for devices, with any ending. */
const device = /^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/i;

/**
 * Names on a disk for names of a plane, which may be any text. What every file system takes stays as it is; else letters that one refuses are written as `%` and their code, very long names are cut
 * and end in a digest, and of names that differ only in case the later ones get a number. `changed` tells the true name of each path that is not itself.
 */
export class DiskNames {
  /** Paths on the disk that are not the true ones, with these. */
  readonly changed: Record<string, string> = {};
  /** By folder on the disk: folded names, and what they stand for. */
  private readonly taken = new Map<string, Map<string, string>>();

  /** The path on the disk for a path with `/`; the same one every time. */
  of(name: string): string {
    let at = '';
    for (const part of name.split('/')) at += (at && '/') + this.part(at, part);
    if (at !== name) this.changed[at] = name;
    return at;
  }

  private part(folder: string, part: string): string {
    const inFolder = this.taken.get(folder) ?? new Map<string, string>();
    this.taken.set(folder, inFolder);
    const plain = plainPart(part);
    for (let number = 1; ; number++) {
      const candidate = number === 1 ? plain : `${plain}%~${number}`;
      // macOS takes letters for the same, too, that are composed in another way.
      const folded = candidate.normalize('NFC').toLowerCase();
      const owner = inFolder.get(folded);
      if (owner !== undefined && owner !== part) continue;
      inFolder.set(folded, part);
      return candidate;
    }
  }
}

function plainPart(part: string): string {
  if (part === '') return '%';
  const code = (letter: string) => `%${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
  let plain = part
    .replace(/[\u0000-\u001f\u007f<>:"\\|?*%]/g, code)
    // Half of a letter is no text of a disk.
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, code)
    .replace(/[. ]$/, code)
    .replace(/^ /, code);
  if (device.test(plain)) plain = code(plain[0]!) + plain.slice(1);
  if (Buffer.byteLength(plain) <= mostBytes) return plain;
  const digest = createHash('sha256').update(part).digest('hex').slice(0, 16);
  let cut = plain.slice(0, mostBytes - 20);
  while (Buffer.byteLength(cut) > mostBytes - 20) cut = cut.slice(0, -1);
  return `${cut.toWellFormed().replaceAll('\ufffd', '')}%~${digest}`;
}
