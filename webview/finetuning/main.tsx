import { startPage } from '../shared/host/startPage.tsx';
import { FinetuningPage } from './FinetuningPage.tsx';

/** The form of a fine-tuning in an editor tab of VS Code. */
startPage(() => <FinetuningPage />);
