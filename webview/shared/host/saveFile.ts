import type { Host } from './host.ts';
import { saveInBrowser } from './saveInBrowser.ts';

/** Saves a file that the page made: where the user says, in the editor; as a download, in a browser. */
export async function saveFile(host: Host, name: string, content: Blob): Promise<void> {
  if (!host.command) return saveInBrowser(content, name);
  const bytes = new Uint8Array(await content.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  host.command('file.save', { name, content: btoa(text) });
}

/** The name of a file for what has any name: letters of any script stay, what file systems do not take does not. */
export const fileName = (name: string, extension: string): string =>
  `${
    name
      .replace(/[^\p{L}\p{N}._ -]+/gu, '-')
      .replace(/^[.\s-]+/, '')
      .slice(0, 100) || 'chart'
  }.${extension}`;
