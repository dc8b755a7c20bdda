import { startPage } from '../shared/host/startPage.tsx';
import { ModelsPage } from './ModelsPage.tsx';

/** The models in an editor tab of VS Code. */
startPage(() => <ModelsPage />);
