import { Emitter, type Event } from '../../src/base/event.ts';
import { check } from '../../src/protocol/check.ts';
import { type FromGraphPage, GraphPageState, ToGraphPage } from '../../src/protocol/webview.ts';

declare function acquireVsCodeApi(): {
  postMessage(message: FromGraphPage): void;
  getState(): unknown;
  setState(state: GraphPageState): void;
};

/** The editor around the page of a graph. */
export interface GraphHost {
  post(message: FromGraphPage): void;
  /** Messages of the editor, checked. */
  readonly onMessage: Event<ToGraphPage>;
  /** What the page kept before its window was reloaded. */
  readonly kept: GraphPageState | undefined;
  keep(state: GraphPageState): void;
}

export function graphHost(): GraphHost {
  const api = acquireVsCodeApi();
  const messages = new Emitter<ToGraphPage>();
  window.addEventListener('message', ({ data }) => messages.fire(check(ToGraphPage, data, 'A message of the editor')));
  return {
    post: (message) => api.postMessage(message),
    onMessage: messages.event,
    kept: kept(api.getState()),
    keep: (state) => api.setState(state),
  };
}

/** What another version kept is as good as nothing. */
function kept(state: unknown): GraphPageState | undefined {
  try {
    return check(GraphPageState, state, 'The kept state');
  } catch {
    return undefined;
  }
}
