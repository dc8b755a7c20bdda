import { UserError } from '../../../src/base/userError.ts';
import type { Host } from './host.ts';
import { saveInBrowser } from './saveInBrowser.ts';

/** Largest file that goes to the editor, which gets it as one message. */
const most = 256_000_000;

/** Saves what a page made: the editor asks where, a browser does as its user has set. */
export async function saveFile({ command }: Pick<Host, 'command'>, content: Blob, name: string): Promise<void> {
  const safe = name.replace(/[/\\:*?"<>|\u0000-\u001f\u007f]/g, '_').slice(-120);
  if (!command) return saveInBrowser(content, safe);
  if (content.size > most)
    throw new UserError(
      'InvalidArgument',
      'The file is too large for the editor to take from a page.',
      'Save it from the Studio in a browser, or show fewer columns.',
    );
  command('file.save', { name: safe, base64: await base64Of(content) });
}

function base64Of(content: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve((reader.result as string).slice((reader.result as string).indexOf(',') + 1));
    reader.onerror = () => reject(reader.error ?? new Error('The file can not be read.'));
    reader.readAsDataURL(content);
  });
}
