import type { ArrivingBytes } from './arrivingBytes.ts';

/** Milliseconds after which a pack whose sender has given it up is taken to be cut off, though its connection still stands. */
const patience = 2000;

/** Packs that are arriving, so that who was cut off learns what of its pack has arrived only when that is kept. */
export class PacksUnderWay {
  private readonly packs = new Map<string, { body: ArrivingBytes; kept: Promise<void> }>();

  /** Keeps a pack of this id. */
  async keep(id: string, body: ArrivingBytes, keep: () => Promise<void>): Promise<void> {
    const kept = keep();
    this.packs.set(id, { body, kept });
    try {
      await kept;
    } finally {
      this.packs.delete(id);
    }
  }

  /** Settles when what has arrived of a pack that its sender gave up is kept. */
  async settled(id: string): Promise<void> {
    const pack = this.packs.get(id);
    if (!pack) return;
    const timer = setTimeout(() => pack.body.stop(), patience);
    await pack.kept.catch(() => {});
    clearTimeout(timer);
  }
}
