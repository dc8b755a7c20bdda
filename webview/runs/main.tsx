import { startPage } from '../shared/host/startPage.tsx';
import { RunsPage } from './RunsPage.tsx';

/** The runs of an experiment in an editor tab of VS Code. Of many runs that log at once it is enough to hear once a second. */
startPage(({ name }) => <RunsPage experiment={name} />, { every: 1000 });
