/** Wakes one who waits. A ring while nobody waits is not lost: the next wait is over at once. */
export class Bell {
  private isRung = false;
  private wake: () => void = () => {};

  ring(): void {
    this.isRung = true;
    this.wake();
  }

  async rung(): Promise<void> {
    if (!this.isRung)
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    this.isRung = false;
  }
}
