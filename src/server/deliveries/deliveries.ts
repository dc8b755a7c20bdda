import type { AllowedPlaces } from './allowedPlaces.ts';
import type { SealedTexts } from './sealedText.ts';
import { Sender, type SenderOptions } from './sender.ts';

/** What routes need of webhooks and notices. */
export interface Deliveries {
  sender: Sender;
  places: AllowedPlaces;
  sealed: SealedTexts;
}

export const deliveriesOf = (options: SenderOptions): Deliveries => ({
  sender: new Sender(options),
  places: options.places,
  sealed: options.sealed,
});
