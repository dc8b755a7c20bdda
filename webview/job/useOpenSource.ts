import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';

/** Opens a line of the code that a job ran: in the editor, or in a browser among the job's files on this page. */
export function useOpenSource(): (job: string, path: string, line: number) => void {
  const { command } = useHost();
  const [, setTab] = usePageState('tab', 'overview');
  const [, setFile] = usePageState('file', '');
  const [, setLine] = usePageState('line', 0);
  return (job, path, line) => {
    if (command) return command('job.openSnapshot', { name: job, path, line: String(line) });
    setFile(`code:${job}/${path}`);
    setLine(line);
    setTab('outputs');
  };
}
