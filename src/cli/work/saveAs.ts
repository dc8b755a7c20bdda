import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { yamlText } from '../output/yamlText.ts';

/** Writes what was created to a YAML file. */
export function saveAs(file: string, value: unknown): void {
  writeFileSync(path.resolve(file), yamlText(value));
}
