import { type QuickInput, QuickInputButtons, type QuickPickItem, window } from 'vscode';
import { cancelled } from '../commands/arguments.ts';

/** One step of a dialog: shows itself and answers what was chosen, or that the user wants to go back. */
type Shown<T> = { value: T } | 'back';

export interface StepOptions {
  title: string;
  /** From 1. */
  step: number;
  totalSteps: number;
}

/** A list to choose from; `active` is the item that is marked first. */
export function chooseInStep<T extends QuickPickItem>(
  options: StepOptions,
  { items, active, placeHolder }: { items: readonly T[]; active?: T | undefined; placeHolder: string },
): Promise<Shown<T>> {
  const pick = window.createQuickPick<T>();
  pick.items = items;
  if (active) pick.activeItems = [active];
  pick.placeholder = placeHolder;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  return show(pick, options, (settle) => {
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      if (chosen) settle({ value: chosen });
    });
  });
}

/** A line of text; `check` says what is wrong with it. */
export function askInStep(
  options: StepOptions,
  { value, prompt, check }: { value: string; prompt: string; check(text: string): string | undefined | Promise<string | undefined> },
): Promise<Shown<string>> {
  const box = window.createInputBox();
  box.value = value;
  box.prompt = prompt;
  return show(box, options, (settle, fail) => {
    const look = async () => {
      const text = box.value;
      const wrong = await check(text);
      if (box.value === text) box.validationMessage = wrong;
      return { text, wrong };
    };
    box.onDidChangeValue(() => {
      look().catch(fail);
    });
    box.onDidAccept(() => {
      look().then(({ text, wrong }) => {
        if (!wrong) settle({ value: text });
      }, fail);
    });
  });
}

/** Shows an input until it is answered. Throws `Canceled` when it is closed. */
function show<T>(
  input: QuickInput & { buttons: readonly unknown[]; onDidTriggerButton(listener: (button: unknown) => void): unknown },
  { title, step, totalSteps }: StepOptions,
  listen: (settle: (shown: Shown<T>) => void, fail: (error: unknown) => void) => void,
): Promise<Shown<T>> {
  Object.assign(input, { title, step, totalSteps, ignoreFocusOut: true, buttons: step > 1 ? [QuickInputButtons.Back] : [] });
  return new Promise<Shown<T> | undefined>((resolve, reject) => {
    input.onDidTriggerButton((button) => button === QuickInputButtons.Back && resolve('back'));
    input.onDidHide(() => resolve(undefined));
    listen(resolve, reject);
    input.show();
  })
    .finally(() => input.dispose())
    .then((shown) => shown ?? cancelled());
}

/** Goes through steps until one is undefined. Each is made from the number of those before it; Back leads to the one before. */
export async function throughSteps(stepAt: (index: number) => (() => Promise<Shown<unknown>>) | undefined): Promise<void> {
  for (let index = 0; ; ) {
    const step = stepAt(index);
    if (!step) return;
    index += (await step()) === 'back' ? -1 : 1;
  }
}
