import { useEffect, useMemo, useRef, useState } from 'react';
import { formatDuration, plural } from '../../../src/base/text.ts';
import { usePageState } from '../../shared/host/pageState.ts';
import { CopyButton } from '../../shared/ui/CopyButton.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { Empty, Failure, Loading, ReadFailure } from '../../shared/ui/states.tsx';
import { ToolButton } from '../../shared/ui/ToolButton.tsx';
import { When } from '../../shared/ui/When.tsx';
import { SpanDetails } from './SpanDetails.tsx';
import { spanTree } from './spanTree.ts';
import { tokenCount, tokenParts, tokenText } from './tokenCount.ts';
import { traceDuration, traceName, traceTokens } from './traceFacts.ts';
import { lookOfTrace, spanDuration } from './traceLook.ts';
import { useTrace } from './useTrace.ts';
import { Waterfall } from './Waterfall.tsx';

/** One trace: its spans over time, and what the chosen one got and gave. */
export function TraceView({ id, onBack }: { id: string; onBack(): void }) {
  const { value, error } = useTrace(id);
  const [chosen, choose] = usePageState('span', '');
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const back = useRef<HTMLDivElement>(null);
  // What was clicked in the list is gone: the keyboard goes on here.
  useEffect(() => back.current?.querySelector('button')?.focus(), []);
  const tree = useMemo(() => value && spanTree(value.spans), [value]);
  const span = value && (value.spans.find((each) => each.id === chosen) ?? tree!.roots[0]?.span);
  const leave = () => {
    choose('');
    onBack();
  };
  const info = value?.info;
  const duration = info && traceDuration(info);
  const tokens = info && tokenCount(traceTokens(info));
  return (
    <div className="trace">
      <div className="bar trace-head" ref={back}>
        <ToolButton icon="arrow-left" label="Back to all traces" onClick={leave} />
        <h2 className="trace-title" title={info && traceName(info)}>
          {info ? traceName(info) : 'Trace'}
        </h2>
        {info && (
          <>
            <span className="trace-status">
              <Icon
                name={lookOfTrace(info.state).icon}
                spin={lookOfTrace(info.state).spin === true}
                className={`tone-${lookOfTrace(info.state).tone}`}
              />{' '}
              {lookOfTrace(info.state).label}
            </span>
            {duration !== undefined && <span className="number">{spanDuration(duration, formatDuration)}</span>}
            {tokens && (
              <span className="number" title={tokenParts(tokens)}>
                {tokenText(tokens)} tokens
              </span>
            )}
            <span className="dim">{plural(value.spans.length, 'span')}</span>
            <span className="dim">
              <When at={info.request_time} />
            </span>
            <CopyButton text={id} label="Copy the id of the trace" />
          </>
        )}
      </div>
      {error && (value === undefined || error.code === 'NotFound') && <ReadFailure error={error} />}
      {!value && !error && <Loading what="the trace" />}
      {value?.fault && <Failure error={value.fault} />}
      {value && !value.fault && !span && <Empty title="This trace has no spans.">They come when its application has sent them.</Empty>}
      {span && (
        <div className="trace-parts">
          <Waterfall tree={tree!} selected={span.id} closed={closed} onSelect={choose} onClose={setClosed} />
          <SpanDetails key={span.id} span={span} />
        </div>
      )}
    </div>
  );
}
