import type { EndpointRequest } from '../../src/protocol/endpointRequest.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { When } from '../shared/ui/When.tsx';

/** Requests that were sent before, the newest first: one is shown again by a click. */
export function HistoryList({
  requests,
  chosen,
  onChoose,
}: {
  requests: readonly EndpointRequest[];
  chosen: string | undefined;
  onChoose(request: EndpointRequest): void;
}) {
  return (
    <ol className="endpoint-history">
      {requests.map((each) => {
        const isGood = each.status >= 200 && each.status < 300;
        return (
          <li key={each.id}>
            <button type="button" aria-current={each.id === chosen ? 'true' : undefined} onClick={() => onChoose(each)}>
              <span className="history-first">
                <span className={isGood ? 'status-good' : 'status-bad'}>
                  <Icon name={isGood ? 'pass' : 'error'} />
                  {each.status}
                </span>
                <span className="dim">{each.answeredBy ?? each.deployment}</span>
                <span className="dim history-when">
                  <When at={each.at} />
                </span>
              </span>
              <code>{each.request === undefined ? '(too long to be kept)' : plainText(each.request, 120)}</code>
            </button>
          </li>
        );
      })}
    </ol>
  );
}
