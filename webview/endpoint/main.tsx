import { startPage } from '../shared/host/startPage.tsx';
import { EndpointPage } from './EndpointPage.tsx';

/** Requests to an endpoint in an editor tab of VS Code. */
startPage(({ name }) => <EndpointPage name={name} />);
