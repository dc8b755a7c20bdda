import { constants, copyFile, open, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { flushFolder } from '../../files/flushFolder.ts';
import { sha256OfFile } from '../../files/hash.ts';
import { asDiskFull } from '../../transfer/web/partFile.ts';
import { isModelFile } from '../headers/readHeader.ts';
import type { FoundModel, ModelSource, Saving } from './modelSource.ts';

/** A model file of this machine, of which the store gets its own copy: nothing happens to it when the other one is moved. Where the disk can, both share their bytes. */
export class LocalSource implements ModelSource {
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  async find(): Promise<FoundModel> {
    const found = await stat(this.file).catch(() => undefined);
    if (!found?.isFile())
      throw new UserError(
        'NotFound',
        `There is no file ${this.file}.`,
        '"updraft model catalog --folder DIR" lists the models of a folder.',
      );
    const name = path.basename(this.file);
    if (!isModelFile(name))
      throw new UserError('InvalidArgument', `${this.file} is no .gguf, .safetensors or .onnx file.`, 'Only such files are safe to load.');
    const save = (target: string, how: Saving) => this.save(target, how);
    return { name, source: this.file, files: [{ name, bytes: found.size, downloadBytes: 0, save }] };
  }

  private async save(target: string, { signal }: Saving): Promise<{ sha256: string; bytes: number }> {
    const temporary = path.join(path.dirname(target), '.copied.part');
    try {
      await copyFile(this.file, temporary, constants.COPYFILE_FICLONE);
      const sha256 = await sha256OfFile(temporary, signal);
      const handle = await open(temporary, 'r+');
      await handle.sync().finally(() => handle.close());
      const { size } = await stat(temporary);
      await rename(temporary, target);
      await flushFolder(path.dirname(target));
      return { sha256, bytes: size };
    } catch (error) {
      throw asDiskFull(error, target, undefined);
    } finally {
      await rm(temporary, { force: true });
    }
  }
}
