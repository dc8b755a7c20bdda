import { startPage } from '../shared/host/startPage.tsx';
import { PlaygroundPage } from './PlaygroundPage.tsx';

/** The playground in an editor tab of VS Code. */
startPage(() => <PlaygroundPage />);
