import type { ModelVersion } from '../../src/protocol/asset.ts';
import { RegistryReference } from '../shared/registries/RegistryReference.tsx';
import { Facts } from '../shared/ui/Facts.tsx';
import { LiteralFacts } from '../shared/ui/LiteralFacts.tsx';
import { Section } from '../shared/ui/Section.tsx';
import { Loading, ReadFailure } from '../shared/ui/states.tsx';
import { When } from '../shared/ui/When.tsx';
import { Signature } from './Signature.tsx';
import { Snippets } from './Snippets.tsx';
import { sharedSnippetsOf } from './snippets.ts';
import { useVersionFacts } from './useVersionFacts.ts';

/** A version of a registry's model. It never changes, and what made it stays in the workspace that it was shared from. */
export function SharedVersion({ registry, name, version }: { registry: string; name: string; version: ModelVersion }) {
  const { properties } = version;
  const { value: told, error } = useVersionFacts(name, version);
  const tags = new Map(Object.entries(properties.tags ?? {}));
  return (
    <div className="overview">
      {error && <ReadFailure error={error} />}
      <div className="columns">
        <div className="column">
          {!told && !error && <Loading what="the signature" />}
          {told && (
            <>
              <Section title="Signature">
                <Signature file={told.file} />
              </Section>
              <Section title="Use it">
                <Snippets snippets={sharedSnippetsOf(registry, name, version.name, told.file)} />
              </Section>
            </>
          )}
        </div>
        <div className="column side">
          <Section title="Details">
            <Facts
              facts={[
                ['Description', properties.description],
                ['Type', properties.modelType],
                ['Flavors', told?.file && [...told.file.flavors.keys()].join(', ')],
                ['MLflow', told?.file?.mlflowVersion],
                ['Shared', <When key="shared" isExact at={version.systemData?.createdAt} />],
                ['By', version.systemData?.createdBy],
                ['Reference', <RegistryReference key="id" registry={registry} kind="models" name={name} version={version.name} />],
              ]}
            />
          </Section>
          {tags.size > 0 && (
            <Section title="Tags">
              <LiteralFacts values={tags} />
            </Section>
          )}
        </div>
      </div>
    </div>
  );
}
