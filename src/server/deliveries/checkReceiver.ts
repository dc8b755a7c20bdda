import { UserError } from '../../base/userError.ts';
import type { AllowedPlaces } from './allowedPlaces.ts';
import { addressesOf, receiverUrl } from './receiver.ts';

/** Throws where nothing may be sent to this address, so that it is said when it is entered. It is looked at again whenever something is sent: a host that is not found now may be there later. */
export async function checkReceiver(text: string, places: AllowedPlaces): Promise<void> {
  const url = receiverUrl(text, places);
  try {
    await addressesOf(url, places);
  } catch (error) {
    if (!(error instanceof UserError && error.code === 'WebhookUnreachable')) throw error;
  }
}
