import type { AllowedPlaces } from './allowedPlaces.ts';
import { Sender, type SenderOptions } from './sender.ts';

/** What routes need of webhooks and notices. */
export interface Deliveries {
  sender: Sender;
  places: AllowedPlaces;
}

export const deliveriesOf = (options: SenderOptions): Deliveries => ({
  sender: new Sender(options),
  places: options.places,
});
