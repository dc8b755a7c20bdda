import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter } from '../../base/event.ts';
import { LookUps } from '../../client/feed/lookUps.ts';
import { localModels } from '../../client/localModels.ts';
import type { LocalModel, LocalModels, ModelDownload } from '../../protocol/localModels.ts';
import type { PlaneConnection } from './planeConnection.ts';

/** What stands in the Models view for models in files of this machine. */
export interface MachineModelsNode {
  readonly kind: 'machineModels';
  /** The machine is that of a shared plane. */
  isShared: boolean;
  /** Models and downloads in it, as they were read last. */
  count: number;
}
export interface LocalModelNode {
  readonly kind: 'localModel';
  readonly name: string;
  readonly model: LocalModel;
}
export interface DownloadNode {
  readonly kind: 'download';
  readonly name: string;
  readonly download: ModelDownload;
}

/** Models in files of this machine, and those that are being got: a short list, read whole. */
export class MachineModels implements Disposable {
  private readonly changes = new Emitter<void>();
  readonly onDidChange = this.changes.event;
  private readonly subscriptions = new DisposableStore();
  private readonly plane: PlaneConnection;
  private readonly followed = new Set<string>();

  constructor(plane: PlaneConnection) {
    this.plane = plane;
    this.subscriptions.add(plane.onDidChange(({ kind }) => kind === 'localModel' && this.changes.fire()));
    this.subscriptions.add(plane.onDidReset(() => this.changes.fire()));
  }

  get isShared(): boolean {
    return this.plane.isShared;
  }

  async list(): Promise<LocalModels> {
    return localModels((await this.plane.client()).http);
  }

  /** Downloads first, then what is there. */
  async nodes(): Promise<(DownloadNode | LocalModelNode)[]> {
    const { models, downloads } = await this.list();
    return [
      ...downloads.map((download): DownloadNode => ({ kind: 'download', name: download.name, download })),
      ...models.map((model): LocalModelNode => ({ kind: 'localModel', name: model.name, model })),
    ];
  }

  /** Tells how far a download is until it has ended. Answers how it ended: undefined when the model is whole. One that is followed already is not followed twice: then it answers nothing. */
  async follow(name: string, onProgress: (download: ModelDownload) => void): Promise<{ ended: ModelDownload | undefined } | undefined> {
    if (this.followed.has(name)) return undefined;
    this.followed.add(name);
    const subscriptions = new DisposableStore();
    try {
      return await new Promise((resolve) => {
        const lookUps = subscriptions.add(
          new LookUps<'it'>({
            gatherMs: 40,
            read: async () => {
              const download = (await this.list()).downloads.find((each) => each.name === name);
              if (download?.status === 'Running') onProgress(download);
              else resolve({ ended: download });
            },
          }),
        );
        subscriptions.add(this.plane.onDidChange((change) => change.kind === 'localModel' && change.id === name && lookUps.ask('it')));
        subscriptions.add(this.plane.onDidReset(() => lookUps.ask('it')));
        subscriptions.add(this.plane.onDidChangeState((state) => state === 'live' && lookUps.retryNow()));
        lookUps.ask('it');
      });
    } finally {
      this.followed.delete(name);
      subscriptions.dispose();
    }
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.changes.dispose();
  }
}
